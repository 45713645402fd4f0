import { replaceEqualDeep } from "@tanstack/react-query";
import type { Result, ResultPage } from "./generated";

/** Whichever is the later word on the transaction. */
export function later(known: Result, told: Result | undefined): Result {
  return told && told.revision >= known.revision ? told : known;
}

/** A page as it was fetched, but for what the live connection has told since it was asked for. */
export function withLater<Page extends ResultPage>(known: Page | undefined, fetched: Page): Page {
  const before = new Map(known?.results.map((row) => [row.transaction_id, row]));
  const results = fetched.results.map((row) => later(before.get(row.transaction_id) ?? row, row));
  return replaceEqualDeep(known, { ...fetched, results });
}
