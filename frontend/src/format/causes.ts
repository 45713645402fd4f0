/** What made a verdict change, in words. */

import type { Revision } from "../api/generated";
import { formatMoney, isZero } from "./money";
import { discrepancyName, listed, VERDICT_NAMES } from "./words";

/** A record by topic, partition and offset; `sweep` is time alone; anything else as it stands. */
export function causeInWords(cause: string): string {
  if (cause === "sweep") {
    return "Time alone: a wait was over";
  }
  const record = /^(.+)\/(\d+)\/(\d+)$/.exec(cause);
  if (!record) {
    return cause;
  }
  const [, topic, partition, offset] = record;
  return `Record ${topic}, partition ${partition}, offset ${offset}`;
}

/** What a revision tells that the one before it did not. */
export function changeInWords(revision: Revision, before: Revision | undefined): string {
  const now = named(revision);
  if (!before) {
    return now.length ? `Disagrees: ${listed(now)}` : "First verdict";
  }
  if (revision.status !== before.status) {
    return turned(revision, before, now);
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

function turned(revision: Revision, before: Revision, now: string[]): string {
  if (revision.status === "mismatched") {
    return `Disagrees: ${listed(now)}`;
  }
  if (revision.status === "in_flight") {
    return "Opened again by a later event";
  }
  return before.status === "mismatched" ? "Healed: all legs agree" : "All legs agree";
}

function named(revision: Revision, without?: Revision): string[] {
  return revision.discrepancies
    .filter((discrepancy) => !without?.discrepancies.includes(discrepancy))
    .map((discrepancy) => discrepancyName(discrepancy).toLowerCase());
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
