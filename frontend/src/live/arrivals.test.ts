import { expect, test, vi } from "vitest";
import { aResult } from "../testing/rows";
import { Arrivals } from "./arrivals";
import type { Changes } from "./messages";

function listen() {
  let tell: (changes: Changes) => void = () => {};
  const arrivals = new Arrivals(
    (listener) => {
      tell = listener;
      return () => {};
    },
    (row) => row.status === "mismatched",
  );
  const listener = vi.fn();
  arrivals.subscribe(listener);
  const hear = (rows: Changes["rows"], count = rows?.length ?? 100) =>
    tell({ type: "changes", after: "1", position: "2", count, rows });
  return { arrivals, listener, hear };
}

test("each new transaction counts once", () => {
  const { arrivals, hear } = listen();
  hear([aResult(), aResult({ transaction_id: "T-2" })]);
  hear([aResult({ revision: 2 })]);
  expect(arrivals.snapshot()).toEqual({ count: 2, exact: true });
});

test("one that no longer belongs in the list waits no more", () => {
  const { arrivals, hear } = listen();
  hear([aResult()]);
  hear([aResult({ status: "matched" })]);
  expect(arrivals.snapshot()).toEqual({ count: 0, exact: true });
});

test("a flood is not counted, and it says so", () => {
  const { arrivals, hear } = listen();
  hear([aResult()]);
  hear(null);
  expect(arrivals.snapshot()).toEqual({ count: 1, exact: false });
});

test("nobody is told of what changes nothing", () => {
  const { listener, hear } = listen();
  hear([aResult({ status: "matched" })]);
  expect(listener).not.toHaveBeenCalled();
});
