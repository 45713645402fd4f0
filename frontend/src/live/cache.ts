import type { Query, QueryClient, QueryKey } from "@tanstack/react-query";
import {
  getGetTimeseriesQueryKey,
  getListDeadLettersQueryKey,
  getListResultsQueryKey,
  type Result,
  type Source,
  type Timeseries,
  type TransactionDetail,
  VerdictStatus,
} from "../api/generated";
import { later } from "../api/later";
import {
  type AskedPage,
  type Lags,
  lagsQuery,
  NEWEST_LIMIT,
  newestMismatchesQuery,
  resultQuery,
  sourcesQuery,
  summaryQuery,
} from "../api/queries";
import { clock } from "../format/clock";
import type { Changes, MinuteCounts, Pulse } from "./messages";

const RESULTS = getListResultsQueryKey();
const DETAILS = `${RESULTS[0]}/`;
const [DEAD_LETTERS] = getListDeadLettersQueryKey();
/** In a flood what is open is fetched again at most this often. */
const CALM = 1_000;
/** A pulse is a second. */
const KEPT_LAGS = 120;

/** Patches what the query cache holds by what the live connection says. */
export class LiveCache {
  private readonly client: QueryClient;
  private readonly pending = new Set<string>();

  constructor(client: QueryClient) {
    this.client = client;
  }

  readonly pulse = ({ summary, sources, minutes }: Pulse): void => {
    clock.synchronise(summary.at);
    const before = this.client.getQueryData(summaryQuery().queryKey);
    if (before && before.dead_letters !== summary.dead_letters) this.refetchAll(DEAD_LETTERS);
    this.client.setQueryData(summaryQuery().queryKey, summary);
    this.client.setQueryData(sourcesQuery().queryKey, sources);
    this.client.setQueryData(lagsQuery().queryKey, (lags) => withLags(lags ?? {}, sources));
    this.client.setQueryData<Timeseries>(
      getGetTimeseriesQueryKey({ range: "hour" }),
      (hour) => hour && withMinutes(hour, minutes),
    );
  };

  readonly changes = ({ rows, count }: Changes): void => {
    for (const row of rows ?? []) this.refetchSoon(resultQuery(row.transaction_id).queryKey);
    this.patchResults(rows ?? []);
    this.patchNewest(rows);
    if (rows === null || rows.length < count) this.refetchAll(DETAILS);
  };

  readonly gap = (): void => {
    void this.client.invalidateQueries();
  };

  /** Rows change where they stand; none comes or goes, for somebody may be about to click. */
  private patchResults(rows: Result[]): void {
    if (rows.length === 0) return;
    const byId = new Map(rows.map((row) => [row.transaction_id, row]));
    for (const query of this.client.getQueryCache().findAll({ queryKey: RESULTS })) {
      const page = query.state.data as AskedPage | undefined;
      if (!page?.results.some((row) => byId.has(row.transaction_id))) continue;
      const results = page.results.map((row) => later(row, byId.get(row.transaction_id)));
      // When it was fetched is not when it was patched.
      const updatedAt = query.state.dataUpdatedAt;
      this.client.setQueryData(query.queryKey, { ...page, results }, { updatedAt });
    }
  }

  private patchNewest(rows: Result[] | null): void {
    const { queryKey } = newestMismatchesQuery();
    const query = this.client.getQueryCache().find<AskedPage>({ queryKey });
    if (!query) return;
    const before = query.state.data?.results ?? [];
    const results = withNewest(before, rows ?? []);
    this.client.setQueryData(queryKey, (page) => page && { ...page, results });
    const lacking = rows === null || results.length < before.length;
    if (lacking || isFetching(query)) this.refetchSoon(queryKey);
  }

  /** Whatever is shown of the addresses that begin so. */
  private refetchAll(path: string): void {
    const open = this.client.getQueryCache().findAll({ type: "active" });
    for (const { queryKey } of open) {
      if (String(queryKey[0]).startsWith(path)) this.refetchSoon(queryKey);
    }
  }

  /** At once, and then no more than once in a while, but surely after the last word. */
  private refetchSoon(queryKey: QueryKey): void {
    const query = this.client.getQueryCache().find<TransactionDetail>({ queryKey });
    if (!query || this.pending.has(query.queryHash)) return;
    this.pending.add(query.queryHash);
    const wait = isFetching(query) ? CALM : query.state.dataUpdatedAt + CALM - Date.now();
    setTimeout(() => {
      this.pending.delete(query.queryHash);
      // A slow answer is waited for: who asks anew each time never hears one.
      if (isFetching(query)) this.refetchSoon(queryKey);
      else void this.client.invalidateQueries({ queryKey, exact: true });
    }, wait);
  }
}

/** Its answer may be from before what is told now. */
function isFetching(query: Pick<Query, "state">): boolean {
  return query.state.fetchStatus !== "idle";
}

/** The lags with those of now; a source that was never read has none. */
export function withLags(lags: Lags, sources: Source[]): Lags {
  return Object.fromEntries(
    sources.map(({ source, lag_seconds }) => {
      const before = lags[source] ?? [];
      const all = lag_seconds === null ? before : [...before, lag_seconds];
      return [source, all.slice(-KEPT_LAGS)];
    }),
  );
}

/** The newest mismatches, those among `told` at their places and those that healed gone. */
export function withNewest(known: Result[], told: Result[]): Result[] {
  const all = new Map(known.map((row) => [row.transaction_id, row]));
  for (const row of told) {
    all.set(row.transaction_id, later(all.get(row.transaction_id) ?? row, row));
  }
  return [...all.values()]
    .filter((row) => row.status === VerdictStatus.mismatched)
    .sort((a, b) => b.updated_at.localeCompare(a.updated_at))
    .slice(0, NEWEST_LIMIT);
}

/** The series with these minutes in it, and as long as before: what nobody counted is zero. */
export function withMinutes(hour: Timeseries, minutes: MinuteCounts[]): Timeseries {
  const last = hour.times.at(-1);
  if (last === undefined) return hour;
  const newest = Math.max(last, ...minutes.map(({ minute }) => minute));
  const steps = (newest - last) / hour.step;
  const times = hour.times.map((time) => time + steps * hour.step);
  const counts = new Map(minutes.map((each) => [each.minute, each.counts]));
  const moved = (kind: string, before: number[]) =>
    times.map((time, index) => {
      const told = counts.get(time);
      return told ? (told[kind] ?? 0) : (before[index + steps] ?? 0);
    });
  const series = Object.fromEntries(
    Object.entries(hour.series).map(([kind, before]) => [kind, moved(kind, before)]),
  ) as unknown as Timeseries["series"];
  return { ...hour, times, series };
}
