import { Discrepancy, type ListResultsParams, type Result, VerdictStatus } from "../api/generated";
import { instant, known, type Raw, word, words } from "./url";

export const Sort = { newest: "-updated_at", riskiest: "-amount_at_risk" } as const;
export type Sort = (typeof Sort)[keyof typeof Sort];

export const SPANS = { "15m": 15 * 60, "1h": 3_600, "24h": 24 * 3_600, "7d": 7 * 24 * 3_600 };
export type Span = keyof typeof SPANS;
const Span = Object.fromEntries(Object.keys(SPANS).map((span) => [span, span as Span]));

/** What the address of the results' page holds: a view that can be shared. */
export interface ResultsSearch {
  status?: VerdictStatus[];
  discrepancy?: Discrepancy[];
  channel?: string[];
  currency?: string[];
  transaction_id?: string;
  /** Relative: up to now, whenever it is opened. */
  last?: Span;
  since?: string;
  until?: string;
  sort?: Sort;
  cursor?: string;
}

export function readResultsSearch(raw: Raw): ResultsSearch {
  return withoutGaps({
    status: known(raw.status, VerdictStatus),
    discrepancy: known(raw.discrepancy, Discrepancy),
    channel: words(raw.channel),
    currency: words(raw.currency),
    transaction_id: word(raw.transaction_id),
    last: known(raw.last, Span)?.[0],
    since: instant(raw.since),
    until: instant(raw.until),
    sort: known(raw.sort, Sort)?.[0],
    cursor: word(raw.cursor),
  });
}

/** The same for the API. `now` in milliseconds. */
export function paramsOf({ last, ...search }: ResultsSearch, now: number): ListResultsParams {
  if (!last) return search;
  return { ...search, since: new Date(now - SPANS[last] * 1000).toISOString() };
}

/** Whether a row belongs in the list, as the API would judge it. `now` in milliseconds. */
export function belongs(row: Result, search: ResultsSearch, now: number): boolean {
  const { since, until } = paramsOf(search, now);
  const updated = Date.parse(row.updated_at);
  const mismatchedOnly = search.sort === Sort.riskiest;
  return (
    (!search.status || search.status.includes(row.status)) &&
    (!mismatchedOnly || row.status === VerdictStatus.mismatched) &&
    (!search.discrepancy || search.discrepancy.some((one) => row.discrepancies.includes(one))) &&
    (!search.channel || (row.channel !== null && search.channel.includes(row.channel))) &&
    (!search.currency || search.currency.includes(row.currency)) &&
    row.transaction_id.startsWith(search.transaction_id ?? "") &&
    (!since || updated >= Date.parse(since)) &&
    (!until || updated < Date.parse(until))
  );
}

/** Whether what simply matched may be in the list. */
export function takesMatched({ status, discrepancy, sort }: ResultsSearch): boolean {
  const among = !status || status.includes(VerdictStatus.matched);
  return among && !discrepancy && sort !== Sort.riskiest;
}

function withoutGaps(search: { [K in keyof ResultsSearch]: ResultsSearch[K] | undefined }) {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined),
  ) as ResultsSearch;
}
