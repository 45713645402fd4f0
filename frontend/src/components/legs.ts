/** What stands in a table of legs, and which of it differs. */

import type { Leg, SourceName, TransactionDetail } from "../api/generated";
import { SOURCES } from "../format/words";

export type LegField = keyof Leg;

export const FIELDS: Record<LegField, string> = {
  status: "Status",
  amount: "Amount",
  currency: "Currency",
  account_id: "Account",
  occurred_at: "Occurred",
  channel: "Channel",
  reference: "Reference",
};

/** Which discrepancy says that a field differs; the last two fields are not compared. */
const JUDGED: Record<LegField, readonly string[]> = {
  status: ["STATUS", "UNRESOLVED"],
  amount: ["AMOUNT"],
  currency: ["CURRENCY"],
  account_id: ["ACCOUNT"],
  occurred_at: ["TIMESTAMP"],
  channel: [],
  reference: [],
};

export type Presence =
  | { state: "told" }
  | { state: "not_told"; due: string | null }
  | { state: "awaited"; until: string }
  | { state: "not_expected" }
  | { state: "told_nothing" };

/** Whether a source has told, and if not, what that means. */
export function presenceOf(transaction: TransactionDetail, source: SourceName): Presence {
  if (transaction.legs[source]) {
    return { state: "told" };
  }
  const missing = `MISSING_${source.toUpperCase()}`;
  if (transaction.discrepancies.some((discrepancy) => discrepancy === missing)) {
    return { state: "not_told", due: transaction.details[missing]?.due ?? null };
  }
  const until = transaction.waits[source];
  if (until !== undefined) {
    return { state: "awaited", until };
  }
  return transaction.expected.includes(source)
    ? { state: "told_nothing" }
    : { state: "not_expected" };
}

/**
 * The sources whose value of a field differs, where the verdict says that it does: those that
 * are not of the majority, or all of them where there is none.
 */
export function differing(transaction: TransactionDetail, field: LegField): Set<SourceName> {
  const discrepancy = JUDGED[field].find((name) =>
    transaction.discrepancies.some((each) => each === name),
  );
  if (discrepancy === undefined) {
    return new Set();
  }
  const compared = Object.keys(transaction.details[discrepancy]?.values ?? {});
  const sources = SOURCES.filter((source) => transaction.legs[source] && compared.includes(source));
  const said = (source: SourceName) => transaction.legs[source]?.[field];
  const majority = sources.filter(
    (source) => sources.filter((other) => said(other) === said(source)).length * 2 > sources.length,
  );
  const all = majority.length === 0 || majority.length === sources.length;
  return new Set(all ? sources : sources.filter((source) => !majority.includes(source)));
}
