import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Leg, TransactionDetail } from "../api/generated";
import { aResult } from "../testing/rows";
import { shown } from "../testing/shown";
import { LegsTable } from "./LegsTable";
import { differing, presenceOf } from "./legs";

const LEG: Leg = {
  status: "SUCCESS",
  amount: "1000.0000",
  currency: "INR",
  account_id: "A-1",
  occurred_at: "2026-11-25T12:00:00.000000Z",
  channel: "UPI",
  reference: null,
};

function aTransaction(changed: Partial<TransactionDetail> = {}): TransactionDetail {
  return {
    ...aResult({ discrepancies: [] }),
    legs: { core: LEG, gateway: LEG, mobile: LEG },
    expected: ["core", "gateway", "mobile"],
    waits: {},
    events: [],
    history: [],
    earlier_events: 0,
    ...changed,
  };
}

const OFF = aTransaction({
  discrepancies: ["AMOUNT"],
  details: {
    AMOUNT: {
      values: { core: "1000.0000", gateway: "1012.5000", mobile: "1000.0000" },
      difference: "12.5000",
    },
  },
  legs: { core: LEG, gateway: { ...LEG, amount: "1012.5000" }, mobile: LEG },
});

describe("differing", () => {
  it("marks the one that is not of the majority", () => {
    expect(differing(OFF, "amount")).toEqual(new Set(["gateway"]));
  });

  it("marks both where two differ", () => {
    const two = aTransaction({ ...OFF, legs: { ...OFF.legs, mobile: null } });
    const values = { core: "1000.0000", gateway: "1012.5000" };
    const details = { AMOUNT: { values, difference: "12.5000" } };
    expect(differing({ ...two, details }, "amount")).toEqual(new Set(["core", "gateway"]));
  });

  it("leaves out a leg that was not compared", () => {
    const values = { core: "1000.0000", gateway: "1012.5000" };
    const legs = { ...OFF.legs, mobile: { ...LEG, status: "PENDING" as const, amount: "1.0000" } };
    expect(differing({ ...OFF, legs, details: { AMOUNT: { values } } }, "amount")).toEqual(
      new Set(["core", "gateway"]),
    );
  });

  it("marks nothing that the verdict allows", () => {
    const legs = { ...OFF.legs, mobile: { ...LEG, occurred_at: "2026-11-25T12:00:01.000000Z" } };
    expect(differing({ ...OFF, legs }, "occurred_at").size).toBe(0);
  });
});

describe("presence", () => {
  const legs = { core: LEG, gateway: null, mobile: LEG };

  it("tells a leg that is missing, with when it was due", () => {
    const details = { MISSING_GATEWAY: { due: "2026-11-25T12:01:00Z" } };
    const missing = aTransaction({ legs, discrepancies: ["MISSING_GATEWAY"], details });
    expect(presenceOf(missing, "gateway")).toEqual({
      state: "not_told",
      due: "2026-11-25T12:01:00Z",
    });
  });

  it("tells one that is awaited, one not expected and one with nothing to tell", () => {
    const awaited = aTransaction({ legs, waits: { gateway: "2026-11-25T12:01:00Z" } });
    const unexpected = aTransaction({ legs, expected: ["core", "mobile"] });
    expect(presenceOf(awaited, "gateway").state).toBe("awaited");
    expect(presenceOf(unexpected, "gateway").state).toBe("not_expected");
    expect(presenceOf(aTransaction({ legs }), "gateway").state).toBe("told_nothing");
  });
});

describe("LegsTable", () => {
  it("says in words which cell differs, and the difference on top", () => {
    shown(<LegsTable transaction={OFF} />);
    const row = screen.getByRole("row", { name: /^Amount/ });
    const [core, gateway] = within(row).getAllByRole("cell");
    expect(core).not.toHaveTextContent("differs");
    expect(gateway).toHaveTextContent(/1,012\.50.*differs/);
    expect(screen.getByText(/^Amount differs by 12\.50 INR/)).toBeInTheDocument();
  });

  it("says until when a leg is awaited", () => {
    const legs = { core: LEG, gateway: null, mobile: LEG };
    shown(
      <LegsTable
        transaction={aTransaction({ legs, waits: { gateway: "2026-11-25T12:04:05Z" } })}
      />,
    );
    expect(screen.getByRole("columnheader", { name: /Gateway/ })).toHaveTextContent(
      "awaiteduntil 12:04:05 UTC",
    );
  });
});
