/** What the API's names are called on the screen. */

import { Discrepancy, type EventStatus, SourceName, type VerdictStatus } from "../api/generated";

/** In the order in which sources are always told. */
export const SOURCES: readonly SourceName[] = Object.values(SourceName);
/** What costs money first. The order of legends and stacks. */
export const DISCREPANCIES: readonly Discrepancy[] = [
  "AMOUNT",
  "CURRENCY",
  "DUPLICATE",
  "STATUS",
  "ACCOUNT",
  "UNRESOLVED",
  "MISSING_CORE",
  "MISSING_GATEWAY",
  "MISSING_MOBILE",
  "TIMESTAMP",
];

export const DISCREPANCY_NAMES: Record<Discrepancy, string> = {
  ACCOUNT: "Account",
  AMOUNT: "Amount",
  CURRENCY: "Currency",
  DUPLICATE: "Posted twice",
  MISSING_CORE: "Missing in core",
  MISSING_GATEWAY: "Missing in gateway",
  MISSING_MOBILE: "Missing in mobile",
  STATUS: "Status",
  TIMESTAMP: "Time",
  UNRESOLVED: "Unresolved",
};

export const VERDICT_NAMES: Record<VerdictStatus, string> = {
  matched: "Matched",
  mismatched: "Mismatched",
  in_flight: "In flight",
};

export const EVENT_STATUS_NAMES: Record<EventStatus, string> = {
  PENDING: "pending",
  SUCCESS: "success",
  FAILED: "failed",
  REVERSED: "reversed",
};

/** A name that a newer server may have, too. */
export function discrepancyName(discrepancy: string): string {
  return isDiscrepancy(discrepancy)
    ? DISCREPANCY_NAMES[discrepancy]
    : sentenceCase(discrepancy.replaceAll("_", " "));
}

export function isDiscrepancy(name: string): name is Discrepancy {
  return Object.hasOwn(Discrepancy, name);
}

export function eventStatusName(status: string): string {
  return Object.hasOwn(EVENT_STATUS_NAMES, status)
    ? EVENT_STATUS_NAMES[status as EventStatus]
    : status.toLowerCase();
}

/** "a", "a and b", "a, b and c" */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** "1 event", "2 events" */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}
