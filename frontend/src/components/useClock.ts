import { useSyncExternalStore } from "react";
import { clock } from "../format/clock";

/** What `tell` says of the time that it is; rendered again only when it says something else. */
export function useClock<Told extends string | number>(tell: (now: number) => Told): Told {
  return useSyncExternalStore(clock.subscribe, () => tell(clock.now()));
}
