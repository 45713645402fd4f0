import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { aResult } from "../testing/rows";
import { Arrivals } from "./arrivals";
import { ChangesFeed } from "./feed";
import type { Changes } from "./messages";

let feed: ChangesFeed;

beforeEach(() => {
  vi.useFakeTimers();
  feed = new ChangesFeed();
});
afterEach(() => {
  vi.useRealTimers();
});

function hear(rows: Changes["rows"], count = rows?.length ?? 100) {
  feed.tell({ type: "changes", after: "1", position: "2", count, rows });
}

/** A list of mismatches that was asked for at a time. */
function listen({ asked = Date.now(), takesMatched = true } = {}) {
  const arrivals = new Arrivals(feed.follow, {
    asked,
    isNew: (row) => row.status === "mismatched",
    takesMatched,
  });
  const listener = vi.fn();
  arrivals.subscribe(listener);
  return { arrivals, listener };
}

test("each new transaction counts once", () => {
  const { arrivals } = listen();
  hear([aResult(), aResult({ transaction_id: "T-2" })]);
  hear([aResult({ revision: 2 })]);
  expect(arrivals.snapshot()).toEqual({ count: 2, exact: true });
});

test("what was told while the list was under way counts, and nothing from before", () => {
  hear([aResult()]);
  vi.advanceTimersByTime(100);
  const asked = Date.now();
  hear([aResult({ transaction_id: "T-2" })]);
  vi.advanceTimersByTime(100);
  const { arrivals } = listen({ asked });
  expect(arrivals.snapshot()).toEqual({ count: 1, exact: true });
});

test("one that no longer belongs in the list waits no more", () => {
  const { arrivals } = listen();
  hear([aResult()]);
  hear([aResult({ status: "matched" })]);
  expect(arrivals.snapshot()).toEqual({ count: 0, exact: true });
});

test("a flood is not counted, and it says so", () => {
  const { arrivals } = listen();
  hear([aResult()]);
  hear(null);
  expect(arrivals.snapshot()).toEqual({ count: 1, exact: false });
});

test("what simply matched and was left out is missed only where it belongs", () => {
  const mismatches = listen({ takesMatched: false });
  const all = listen();
  hear([aResult()], 100);
  expect(mismatches.arrivals.snapshot()).toEqual({ count: 1, exact: true });
  expect(all.arrivals.snapshot()).toEqual({ count: 1, exact: false });
});

test("nobody is told of what changes nothing", () => {
  const { listener } = listen();
  hear([aResult({ status: "matched" })]);
  expect(listener).not.toHaveBeenCalled();
});
