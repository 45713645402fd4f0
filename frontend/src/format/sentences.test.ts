import { describe, expect, it } from "vitest";
import { Discrepancy, type ResultDetails } from "../api/generated";
import { sentence } from "./sentences";
import { DISCREPANCIES, DISCREPANCY_NAMES } from "./words";

const DETAILS: ResultDetails = {
  ACCOUNT: { values: { core: "A-1", gateway: "A-2", mobile: "A-1" } },
  AMOUNT: {
    values: { core: "1000.0000", gateway: "1012.5000" },
    difference: "12.5000",
    tolerance: "0",
  },
  CURRENCY: { values: { gateway: "INR", core: "USD" } },
  DUPLICATE: {
    values: {
      gateway: [
        {
          status: "SUCCESS",
          amount: "1000.0000",
          currency: "INR",
          account_id: "A-1",
          occurred_at: "2026-11-25T12:03:04+00:00",
        },
        {
          status: "SUCCESS",
          amount: "1000.0000",
          currency: "INR",
          account_id: "A-1",
          occurred_at: "2026-11-25T12:03:09.500000+00:00",
        },
      ],
    },
    extra_postings: 1,
  },
  MISSING_CORE: { due: "2026-11-25T12:04:05Z" },
  MISSING_GATEWAY: { due: "2026-11-25T12:04:05Z" },
  MISSING_MOBILE: { due: "2026-11-25T12:04:05Z" },
  STATUS: { values: { core: "SUCCESS", gateway: "FAILED" } },
  TIMESTAMP: {
    values: { core: "2026-11-25T12:03:04+00:00", mobile: "2026-11-25T12:03:16.250000+00:00" },
    difference: "12.25",
    tolerance: "5.0",
  },
  UNRESOLVED: { values: { core: "PENDING", gateway: "PENDING", mobile: "PENDING" } },
};

const SAID: Record<Discrepancy, string> = {
  ACCOUNT: "Account: core and mobile A-1, gateway A-2",
  AMOUNT: "Amount differs by 12.50 INR: core 1,000.00, gateway 1,012.50",
  CURRENCY: "Currency: core USD, gateway INR",
  DUPLICATE:
    "Posted twice: gateway 1,000.00 INR success at 12:03:04 and 1,000.00 INR success at 12:03:09.5",
  MISSING_CORE: "Missing: core has not told",
  MISSING_GATEWAY: "Missing: gateway has not told",
  MISSING_MOBILE: "Missing: mobile has not told",
  STATUS: "Status: core success, gateway failed",
  TIMESTAMP: "Time differs by 12 s: core 12:03:04, mobile 12:03:16.25 UTC",
  UNRESOLVED: "Unresolved: core, gateway and mobile still pending",
};

describe("sentence", () => {
  it.each(Object.values(Discrepancy))("says %s with what each source says", (discrepancy) => {
    expect(sentence(discrepancy, DETAILS, "INR")).toBe(SAID[discrepancy]);
  });

  it("names both days where times are of two", () => {
    const values = { core: "2026-11-25T23:59:59Z", gateway: "2026-11-26T00:00:10Z" };
    expect(sentence("TIMESTAMP", { TIMESTAMP: { values, difference: "11.0" } }, "INR")).toBe(
      "Time differs by 11 s: core 2026-11-25 23:59:59, gateway 2026-11-26 00:00:10 UTC",
    );
  });

  it("tells an event id that stands for two contents from a second posting", () => {
    const details = { DUPLICATE: { ...DETAILS.DUPLICATE, extra_postings: 0 } };
    expect(sentence("DUPLICATE", details, "INR")).toMatch(
      /^One event id for two contents: gateway/,
    );
  });

  const strange: unknown[] = [
    undefined,
    null,
    "text",
    7,
    [],
    {},
    { values: null },
    { values: [] },
    { values: { core: 7 } },
    { values: { core: null }, difference: 3 },
    { values: { core: [null, 3, {}] }, difference: "some" },
  ];
  it.each(Object.values(Discrepancy))(
    "says %s at least by name if it is stored strangely",
    (name) => {
      for (const finding of strange) {
        const said = sentence(name, { [name]: finding } as ResultDetails, "INR");
        expect([DISCREPANCY_NAMES[name], SAID[name]]).toContain(said);
      }
    },
  );

  it("says a discrepancy that it does not know by its name", () => {
    expect(sentence("FEE_RATE", {}, "INR")).toBe("Fee rate");
  });

  it("has every discrepancy in the order of legends once", () => {
    expect([...DISCREPANCIES].sort()).toEqual(Object.values(Discrepancy).sort());
  });
});
