/** What made a verdict change, in words. */

import type { Revision } from "../api/generated";
import { formatMoney, isZero } from "./money";
import { discrepancyName, listed, VERDICT_NAMES } from "./words";

const CAUSES = new Map([
  ["sweep", "Time alone: a wait was over"],
  ["replay", "A dead letter that was read again"],
]);

/** A record by topic, partition and offset; what is not known as it stands. */
export function causeInWords(cause: string): string {
  const record = /^(.+)\/(\d+)\/(\d+)$/.exec(cause);
  if (!record) {
    return CAUSES.get(cause) ?? cause;
  }
  const [, topic, partition, offset] = record;
  return `Record ${topic}, partition ${partition}, offset ${offset}`;
}

/** What the revision at a place of its history (the first first) tells that none before it did. */
export function changeInWords(history: readonly Revision[], at: number): string {
  const revision = history[at];
  if (!revision) {
    return "";
  }
  const before = history[at - 1];
  if (!before || revision.status !== before.status) {
    return turned(revision, history.slice(0, at));
  }
  const gained = named(revision, before);
  const lost = named(before, revision);
  const changes = [
    gained.length ? `now also ${listed(gained)}` : "",
    lost.length ? `no longer ${listed(lost)}` : "",
    revision.amount_at_risk === before.amount_at_risk ? "" : "another amount at risk",
  ].filter(Boolean);
  return changes.length ? capital(changes.join("; ")) : VERDICT_NAMES[revision.status];
}

export function riskInWords(revision: Revision, currency: string): string | null {
  return isZero(revision.amount_at_risk)
    ? null
    : `${formatMoney(revision.amount_at_risk, currency)} at risk`;
}

function turned(revision: Revision, earlier: readonly Revision[]): string {
  if (revision.status === "mismatched") {
    return `Disagrees: ${listed(named(revision))}`;
  }
  if (revision.status === "in_flight") {
    return "Opened again by a later event";
  }
  // It may have been in flight between.
  const decided = earlier.findLast(({ status }) => status !== "in_flight");
  return decided?.status === "mismatched" ? "Healed: all legs agree" : "All legs agree";
}

function named(revision: Revision, without?: Revision): string[] {
  return revision.discrepancies
    .filter((discrepancy) => !without?.discrepancies.includes(discrepancy))
    .map((discrepancy) => discrepancyName(discrepancy).toLowerCase());
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
