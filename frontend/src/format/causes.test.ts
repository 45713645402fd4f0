import { describe, expect, it } from "vitest";
import type { Revision } from "../api/generated";
import { causeInWords, changeInWords } from "./causes";

const MATCHED: Revision = {
  revision: 1,
  status: "matched",
  discrepancies: [],
  amount_at_risk: "0.0000",
  rule_set: 1,
  cause: "sweep",
  at: "2026-11-25T12:03:04.000000Z",
};
const MISMATCHED: Revision = {
  ...MATCHED,
  status: "mismatched",
  discrepancies: ["AMOUNT", "MISSING_MOBILE"],
  amount_at_risk: "12.5000",
};

describe("causes", () => {
  it("says a record by where it stands in Kafka", () => {
    expect(causeInWords("core_txns/3/1234")).toBe("Record core_txns, partition 3, offset 1234");
  });

  it("says time alone and a replay, and leaves a cause that it does not know as it stands", () => {
    expect(causeInWords("sweep")).toBe("Time alone: a wait was over");
    expect(causeInWords("replay")).toBe("A dead letter that was read again");
    expect(causeInWords("moon")).toBe("moon");
  });
});

describe("changes", () => {
  it.each([
    [MATCHED, undefined, "All legs agree"],
    [MISMATCHED, undefined, "Disagrees: amount and missing in mobile"],
    [MISMATCHED, MATCHED, "Disagrees: amount and missing in mobile"],
    [MATCHED, MISMATCHED, "Healed: all legs agree"],
    [MATCHED, { ...MATCHED, status: "in_flight" as const }, "All legs agree"],
    [{ ...MATCHED, status: "in_flight" as const }, MATCHED, "Opened again by a later event"],
    [
      { ...MISMATCHED, discrepancies: ["ACCOUNT" as const, "AMOUNT" as const] },
      MISMATCHED,
      "Now also account; no longer missing in mobile",
    ],
    [{ ...MISMATCHED, amount_at_risk: "13.0000" }, MISMATCHED, "Another amount at risk"],
  ])("of revision %# are said", (revision, before, said) => {
    const history = before ? [before, revision] : [revision];
    expect(changeInWords(history, history.length - 1)).toBe(said);
  });

  it("say healed also where it was in flight between", () => {
    const opened = { ...MATCHED, status: "in_flight" as const };
    expect(changeInWords([MISMATCHED, opened, MATCHED], 2)).toBe("Healed: all legs agree");
  });
});
