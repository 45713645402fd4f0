import { QueryClient, type QueryKey, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ResultPage } from "../api/generated";
import {
  deadLettersQuery,
  newestMismatchesQuery,
  resultQuery,
  resultsQuery,
  summaryQuery,
} from "../api/queries";
import { clock } from "../format/clock";
import { anHour, aResult, aSummary } from "../testing/rows";
import { LiveCache, withLags, withMinutes, withNewest } from "./cache";
import type { Changes } from "./messages";

const PAGE = { next: null, asked: 0 };

const told = (rows: Changes["rows"], count = rows?.length ?? 100): Changes => ({
  type: "changes",
  after: "1",
  position: "2",
  count,
  rows,
});

/** Shows what a query finds, and answers in place of the server, after a while. */
function answering(query: { queryKey: QueryKey }, answer: unknown, after: number) {
  const asked = vi.fn(
    () => new Promise((resolve) => setTimeout(() => resolve(structuredClone(answer)), after)),
  );
  const { queryKey } = query;
  stops.push(new QueryObserver(client, { ...query, queryFn: asked }).subscribe(() => {}));
  return { asked, queryKey };
}

const stops: (() => void)[] = [];
let client: QueryClient;
let cache: LiveCache;

beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient();
  cache = new LiveCache(client);
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  client.clear();
  vi.useRealTimers();
});

test("a pulse brings the figures", () => {
  const summary = aSummary("2");
  cache.pulse({ type: "pulse", position: "2", summary, sources: [], minutes: [] });
  expect(client.getQueryData(summaryQuery().queryKey)).toEqual(summary);
});

test("a pulse sets the clock, for this machine's may be wrong", () => {
  vi.setSystemTime("2031-01-01T00:00:00Z");
  const summary = { ...aSummary("2"), at: "2026-11-25T12:00:01.000000Z" };
  cache.pulse({ type: "pulse", position: "2", summary, sources: [], minutes: [] });
  expect(clock.now()).toBe(Date.parse(summary.at));
});

test("dead letters are fetched again when there are others, and only then", async () => {
  const { asked } = answering(deadLettersQuery({}), { next: null, results: [] }, 0);
  for (const dead_letters of [1, 1, 2]) {
    const summary = { ...aSummary("2"), dead_letters };
    cache.pulse({ type: "pulse", position: "2", summary, sources: [], minutes: [] });
    await vi.advanceTimersByTimeAsync(2_000);
  }
  expect(asked).toHaveBeenCalledTimes(2);
});

test("a row changes where it stands, and a list stays as old as it is", () => {
  const { queryKey } = resultsQuery({});
  client.setQueryData(queryKey, { ...PAGE, results: [aResult()] }, { updatedAt: 1_000 });
  const healed = aResult({ status: "matched", revision: 2 });
  cache.changes(told([healed, aResult({ transaction_id: "T-2" })]));
  expect(client.getQueryData<ResultPage>(queryKey)?.results).toEqual([healed]);
  expect(client.getQueryState(queryKey)?.dataUpdatedAt).toBe(1_000);
});

test("an earlier word on a transaction does not undo a later one", () => {
  const { queryKey } = resultsQuery({});
  const known = aResult({ revision: 3 });
  client.setQueryData(queryKey, { ...PAGE, results: [known] });
  cache.changes(told([aResult({ revision: 2 })]));
  expect(client.getQueryData<ResultPage>(queryKey)?.results).toEqual([known]);
});

test("an answer that was under way does not undo what was told meanwhile", async () => {
  const healed = aResult({ status: "matched", revision: 2 });
  const fetched = answering(resultsQuery({}), { ...PAGE, results: [aResult()] }, 300);
  await vi.advanceTimersByTimeAsync(300);
  void client.invalidateQueries(fetched);
  cache.changes(told([healed]));
  await vi.advanceTimersByTimeAsync(300);
  expect(client.getQueryData<ResultPage>(fetched.queryKey)?.results).toEqual([healed]);
});

test("mismatches that come while the newest are fetched are asked for again", async () => {
  const { asked } = answering(newestMismatchesQuery(), { ...PAGE, results: [] }, 300);
  cache.changes(told([aResult()]));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked).toHaveBeenCalledTimes(2);
});

test("a slow answer is waited for in a flood, and then asked for once more", async () => {
  const { asked, queryKey } = answering(resultQuery("T-1"), aResult(), 1_500);
  for (let time = 0; time < 14; time += 1) {
    cache.changes(told(null));
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(100);
  expect(client.getQueryData(queryKey)).toEqual(aResult());
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked).toHaveBeenCalledTimes(2);
});

test("the newest mismatches take what comes and lose what heals", () => {
  const { queryKey } = newestMismatchesQuery();
  client.setQueryData(queryKey, { ...PAGE, results: [aResult()] });
  const other = aResult({ transaction_id: "T-2", updated_at: "2026-11-25T12:00:02.000000Z" });
  cache.changes(told([other, aResult({ status: "matched", revision: 2 })]));
  expect(client.getQueryData(queryKey)?.results).toEqual([other]);
});

test("the newest come first, and no more than are shown", () => {
  const rows = Array.from({ length: 12 }, (_, index) =>
    aResult({ transaction_id: `T-${index}`, updated_at: `2026-11-25T12:00:${index + 10}Z` }),
  );
  expect(withNewest([], rows).map((row) => row.transaction_id)).toEqual(
    [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((index) => `T-${index}`),
  );
});

test("the transaction that is open is fetched again when it changes, at most once a second", async () => {
  const { queryKey } = resultQuery("T-1");
  client.setQueryData(queryKey, { ...aResult() } as never);
  const invalidated = vi.spyOn(client, "invalidateQueries");
  for (let time = 0; time < 10; time += 1) cache.changes(told([aResult()]));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(invalidated).toHaveBeenCalledExactlyOnceWith({ queryKey, exact: true });
});

test("a gap has everything fetched again", () => {
  const { queryKey } = resultsQuery({});
  client.setQueryData(queryKey, { ...PAGE, results: [] });
  cache.gap();
  expect(client.getQueryState(queryKey)?.isInvalidated).toBe(true);
});

test("minutes are set at their places", () => {
  const hour = withMinutes(anHour(600, { AMOUNT: [1, 2, 3, 4] }), [
    { minute: 720, counts: { AMOUNT: 30 } },
    { minute: 780, counts: { AMOUNT: 40, matched: 7 } },
  ]);
  expect(hour.times).toEqual([600, 660, 720, 780]);
  expect(hour.series.AMOUNT).toEqual([1, 2, 30, 40]);
  expect(hour.series.matched).toEqual([0, 0, 0, 7]);
});

test("lags are kept for two minutes, of sources that were read", () => {
  const source = {
    topic: "t",
    records: 1,
    dead_letters: 0,
    last_record_at: null,
    read_until: null,
  };
  const kept = Array.from({ length: 120 }, () => 1);
  const lags = withLags({ core: kept }, [
    { ...source, source: "core", lag_seconds: 2.5 },
    { ...source, source: "mobile", lag_seconds: null },
  ]);
  expect(lags).toEqual({ core: [...kept.slice(1), 2.5], mobile: [] });
});

test("a new minute moves the window, and minutes that nobody told are zero", () => {
  const hour = withMinutes(anHour(600, { AMOUNT: [1, 2, 3, 4] }), [
    { minute: 840, counts: {} },
    { minute: 900, counts: { AMOUNT: 6 } },
  ]);
  expect(hour.times).toEqual([720, 780, 840, 900]);
  expect(hour.series.AMOUNT).toEqual([3, 4, 0, 6]);
});
