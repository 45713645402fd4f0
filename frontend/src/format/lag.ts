/** How far a source's reading is, in words. */

import type { Source } from "../api/generated";
import { duration } from "./time";

export type SourceState = "current" | "behind" | "far_behind" | "silent" | "unread";

const BEHIND = 5;
const FAR_BEHIND = 60;
const SILENT = 60;

export function stateOf(source: Source, now: number): SourceState {
  if (source.lag_seconds === null) {
    return "unread";
  }
  if (source.lag_seconds >= FAR_BEHIND) {
    return "far_behind";
  }
  if (source.lag_seconds >= BEHIND) {
    return "behind";
  }
  return silence(source, now) >= SILENT ? "silent" : "current";
}

/** "0.8 s behind", "silent for 4 min", "never read" */
export function lagInWords(source: Source, now: number): string {
  if (source.lag_seconds === null) {
    return "never read";
  }
  if (stateOf(source, now) !== "silent") {
    return `${duration(Math.max(source.lag_seconds, 0))} behind`;
  }
  return source.last_record_at === null
    ? "no event yet"
    : `silent for ${duration(silence(source, now))}`;
}

/** Seconds since its last event. */
function silence(source: Source, now: number): number {
  return source.last_record_at === null
    ? Number.POSITIVE_INFINITY
    : (now - Date.parse(source.last_record_at)) / 1000;
}
