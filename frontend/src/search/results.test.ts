import { expect, test } from "vitest";
import { aResult } from "../testing/rows";
import { belongs, paramsOf, readResultsSearch, takesMatched } from "./results";
import { parseSearch } from "./url";

const NOW = Date.parse("2026-11-25T12:30:00Z");

test("one word is a list of one", () => {
  expect(readResultsSearch({ status: "matched", channel: "UPI" })).toEqual({
    status: ["matched"],
    channel: ["UPI"],
  });
});

test("what is unknown or malformed is left out", () => {
  const raw = {
    status: "lost",
    discrepancy: ["AMOUNT", "MOOD"],
    since: "soon",
    sort: "id",
    x: "1",
  };
  expect(readResultsSearch(raw)).toEqual({ discrepancy: ["AMOUNT"] });
});

test.each([
  ["", true],
  ["status=matched&status=mismatched", true],
  ["status=mismatched", false],
  ["discrepancy=AMOUNT", false],
  ["sort=-amount_at_risk", false],
])("%j takes what simply matched: %s", (query, takes) => {
  expect(takesMatched(readResultsSearch(parseSearch(query)))).toBe(takes);
});

test("a relative time counts from now", () => {
  expect(paramsOf({ last: "1h", currency: ["INR"] }, NOW)).toEqual({
    currency: ["INR"],
    since: "2026-11-25T11:30:00.000Z",
  });
});

test.each([
  [{}, true],
  [{ status: ["mismatched" as const] }, true],
  [{ status: ["matched" as const] }, false],
  [{ discrepancy: ["STATUS" as const, "AMOUNT" as const] }, true],
  [{ discrepancy: ["STATUS" as const] }, false],
  [{ channel: ["CARD"] }, false],
  [{ currency: ["INR"] }, true],
  [{ transaction_id: "T-" }, true],
  [{ transaction_id: "X" }, false],
  [{ last: "1h" as const }, true],
  [{ last: "15m" as const }, false],
  [{ until: "2026-11-25T12:00:00Z" }, false],
])("a row belongs in %j as the API would judge: %s", (search, expected) => {
  expect(belongs(aResult(), search, NOW)).toBe(expected);
});

test("by amount at risk only mismatches are listed", () => {
  expect(belongs(aResult({ status: "matched" }), { sort: "-amount_at_risk" }, NOW)).toBe(false);
});
