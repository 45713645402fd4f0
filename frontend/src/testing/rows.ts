import type { Result, Summary, Timeseries } from "../api/generated";

export function aResult(changed: Partial<Result> = {}): Result {
  return {
    transaction_id: "T-1",
    status: "mismatched",
    discrepancies: ["AMOUNT"],
    details: {},
    channel: "UPI",
    reference: null,
    currency: "INR",
    amount: "1012.5000",
    amount_at_risk: "12.5000",
    rule_set: 1,
    revision: 1,
    first_seen_at: "2026-11-25T12:00:00.000000Z",
    decided_at: "2026-11-25T12:00:01.000000Z",
    mismatched_at: "2026-11-25T12:00:01.000000Z",
    healed_at: null,
    updated_at: "2026-11-25T12:00:01.000000Z",
    ...changed,
  };
}

export function aSummary(position: string): Summary {
  return {
    at: "2026-11-25T12:00:01.000000Z",
    position,
    in_flight: 3,
    matched: 100,
    mismatched: 2,
    dead_letters: 1,
    amount_at_risk: [{ currency: "INR", amount: "120.0000" }],
  };
}

/** Four minutes from `start`, in epoch seconds, all kinds zero but those given. */
export function anHour(start: number, series: Partial<Timeseries["series"]> = {}): Timeseries {
  const zero = [0, 0, 0, 0];
  return {
    range: "hour",
    step: 60,
    times: [start, start + 60, start + 120, start + 180],
    series: {
      matched: zero,
      mismatched: zero,
      healed: zero,
      ACCOUNT: zero,
      AMOUNT: zero,
      CURRENCY: zero,
      DUPLICATE: zero,
      MISSING_CORE: zero,
      MISSING_GATEWAY: zero,
      MISSING_MOBILE: zero,
      STATUS: zero,
      TIMESTAMP: zero,
      UNRESOLVED: zero,
      ...series,
    },
  };
}
