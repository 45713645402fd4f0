import { keepPreviousData, queryOptions, skipToken } from "@tanstack/react-query";
import { clock } from "../format/clock";
import { paramsOf, type ResultsSearch } from "../search/results";
import {
  type DeadLetterPage,
  getGetConfigQueryOptions,
  getGetMeQueryOptions,
  getGetResultQueryOptions,
  getGetSummaryQueryOptions,
  getGetTimeseriesQueryOptions,
  getListDeadLettersQueryOptions,
  getListResultsQueryKey,
  getListSourcesQueryOptions,
  type ListDeadLettersParams,
  listResults,
  type RangeEnum,
  type ResultPage,
  type SourceName,
  VerdictStatus,
} from "./generated";
import { withLater } from "./later";

/** A leg that changes no verdict is not in the journal: what is open is looked at anew. */
const LEGS_REFETCH = 15_000;
/** What in-flight transactions await comes event by event, of which the journal tells nothing. */
const IN_FLIGHT_REFETCH = 2_000;
const DAY_REFETCH = 60_000;

export const meQuery = () => getGetMeQueryOptions({ query: { staleTime: 60_000 } });
export const configQuery = () =>
  getGetConfigQueryOptions({ query: { staleTime: Number.POSITIVE_INFINITY } });
export const summaryQuery = () => getGetSummaryQueryOptions();
export const sourcesQuery = () => getListSourcesQueryOptions();

export type Lags = Partial<Record<SourceName, number[]>>;

/** How far behind each source was in the last minutes: the live connection writes it. */
export const lagsQuery = () =>
  queryOptions<Lags>({
    queryKey: ["lags"],
    queryFn: skipToken,
    initialData: {},
    staleTime: Number.POSITIVE_INFINITY,
  });

export const timeseriesQuery = (range: RangeEnum) =>
  getGetTimeseriesQueryOptions(
    { range },
    { query: { refetchInterval: range === "day" ? DAY_REFETCH : false } },
  );

/** A page, and when it was asked for, in epoch milliseconds. */
export type AskedPage = ResultPage & { asked: number };

export const resultsQuery = (search: ResultsSearch, limit = 50) =>
  queryOptions({
    queryKey: [...getListResultsQueryKey(), { ...search, limit }],
    queryFn: async ({ signal }): Promise<AskedPage> => {
      const asked = Date.now();
      const params = { ...paramsOf(search, clock.now()), limit };
      return { ...(await listResults(params, { signal })), asked };
    },
    placeholderData: keepPreviousData,
    structuralSharing: (known, fetched) =>
      withLater(known as AskedPage | undefined, fetched as AskedPage),
  });

export const NEWEST_LIMIT = 10;

export const newestMismatchesQuery = () => ({
  ...resultsQuery({ status: [VerdictStatus.mismatched] }, NEWEST_LIMIT),
  refetchInterval: LEGS_REFETCH,
});

export const resultQuery = (transactionId: string) =>
  getGetResultQueryOptions(transactionId, {
    query: {
      refetchInterval: (query) =>
        query.state.data?.status === "in_flight" ? IN_FLIGHT_REFETCH : LEGS_REFETCH,
    },
  });

export const deadLettersQuery = (params: ListDeadLettersParams) =>
  getListDeadLettersQueryOptions<DeadLetterPage>(params, {
    query: { placeholderData: keepPreviousData },
  });
