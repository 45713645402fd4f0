import { describe, expect, it } from "vitest";
import { anHour } from "../testing/rows";
import { eventful, stacked, totals } from "./stacks";

const HOUR = anHour(600, { AMOUNT: [1, 0, 2, 0], STATUS: [0, 0, 3, 1] });

describe("stacks", () => {
  it("lay each discrepancy upon those before it", () => {
    expect(stacked(HOUR.series, ["AMOUNT", "STATUS"])).toEqual([
      [1, 0, 2, 0],
      [1, 0, 5, 1],
    ]);
  });

  it("leave out what is not shown", () => {
    expect(stacked(HOUR.series, ["STATUS"])).toEqual([[0, 0, 3, 1]]);
  });

  it("count each discrepancy in all", () => {
    expect([totals(HOUR.series).get("AMOUNT"), totals(HOUR.series).get("STATUS")]).toEqual([3, 4]);
  });

  it("tell only the steps in which something disagreed", () => {
    expect(eventful(HOUR, ["AMOUNT", "STATUS"])).toEqual([
      { time: 600, counts: [1, 0] },
      { time: 720, counts: [2, 3] },
      { time: 780, counts: [0, 1] },
    ]);
  });
});
