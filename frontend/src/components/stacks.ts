/** The figures of a chart, ready to be drawn one upon another. */

import type { Discrepancy, Series, Timeseries } from "../api/generated";
import { DISCREPANCIES } from "../format/words";

/** How many of each discrepancy there were in all. */
export function totals(series: Series): Map<Discrepancy, number> {
  return new Map(
    DISCREPANCIES.map((discrepancy) => [
      discrepancy,
      series[discrepancy].reduce((sum, count) => sum + count, 0),
    ]),
  );
}

/** The first at the bottom: each has its own count added to those below it. */
export function stacked(series: Series, shown: readonly Discrepancy[]): number[][] {
  const stacks: number[][] = [];
  for (const discrepancy of shown) {
    const below = stacks.at(-1);
    stacks.push(series[discrepancy].map((count, at) => count + (below?.[at] ?? 0)));
  }
  return stacks;
}

/** The steps in which something disagreed, with what. */
export function eventful(timeseries: Timeseries, shown: readonly Discrepancy[]) {
  return timeseries.times.flatMap((time, at) => {
    const counts = shown.map((discrepancy) => timeseries.series[discrepancy][at] ?? 0);
    return counts.some((count) => count > 0) ? [{ time, counts }] : [];
  });
}
