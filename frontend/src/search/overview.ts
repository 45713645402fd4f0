import { RangeEnum } from "../api/generated";
import { known, type Raw } from "./url";

export interface OverviewSearch {
  range?: RangeEnum;
}

export function readOverviewSearch(raw: Raw): OverviewSearch {
  const range = known(raw.range, RangeEnum)?.[0];
  return range ? { range } : {};
}
