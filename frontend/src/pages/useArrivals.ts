import { useState, useSyncExternalStore } from "react";
import type { ResultPage } from "../api/generated";
import { clock } from "../format/clock";
import { Arrivals, type Waiting } from "../live/arrivals";
import { useLive } from "../live/LiveProvider";
import { belongs, type ResultsSearch } from "../search/results";

/** What has come since the page was fetched and belongs on it. */
export function useArrivals(search: ResultsSearch, page: ResultPage): Waiting {
  const { changes } = useLive();
  const [arrivals] = useState(() => {
    const shown = new Set(page.results.map((row) => row.transaction_id));
    return new Arrivals(
      changes,
      (row) => !shown.has(row.transaction_id) && belongs(row, search, clock.now()),
    );
  });
  return useSyncExternalStore(arrivals.subscribe, arrivals.snapshot);
}
