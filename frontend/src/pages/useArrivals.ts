import { useState, useSyncExternalStore } from "react";
import type { AskedPage } from "../api/queries";
import { clock } from "../format/clock";
import { Arrivals, type Waiting } from "../live/arrivals";
import { useLive } from "../live/LiveProvider";
import { belongs, type ResultsSearch, takesMatched } from "../search/results";

/** What has come since the page was asked for and belongs on it. */
export function useArrivals(search: ResultsSearch, page: AskedPage): Waiting {
  const { follow } = useLive();
  const [arrivals] = useState(() => {
    const shown = new Set(page.results.map((row) => row.transaction_id));
    return new Arrivals(follow, {
      asked: page.asked,
      isNew: (row) => !shown.has(row.transaction_id) && belongs(row, search, clock.now()),
      takesMatched: takesMatched(search),
    });
  });
  return useSyncExternalStore(arrivals.subscribe, arrivals.snapshot);
}
