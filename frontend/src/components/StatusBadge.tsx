import type { EventStatus, VerdictStatus } from "../api/generated";
import { EVENT_STATUS_NAMES, sentenceCase, VERDICT_NAMES } from "../format/words";
import type { GlyphName } from "./Glyph";
import { Mark, type Tone } from "./Mark";

interface MarkLook {
  tone: Tone;
  glyph: GlyphName;
}

export const VERDICT_LOOKS: Record<VerdictStatus, MarkLook> = {
  matched: { tone: "good", glyph: "agree" },
  mismatched: { tone: "bad", glyph: "differ" },
  in_flight: { tone: "wait", glyph: "wait" },
};

export const EVENT_STATUS_LOOKS: Record<EventStatus, MarkLook> = {
  PENDING: { tone: "wait", glyph: "wait" },
  SUCCESS: { tone: "good", glyph: "agree" },
  FAILED: { tone: "muted", glyph: "none" },
  REVERSED: { tone: "warn", glyph: "undo" },
};

export function StatusBadge({ status }: { status: VerdictStatus }) {
  return <Mark {...VERDICT_LOOKS[status]}>{VERDICT_NAMES[status]}</Mark>;
}

/** What a source says has become of the money. */
export function EventStatusBadge({ status }: { status: EventStatus }) {
  return <Mark {...EVENT_STATUS_LOOKS[status]}>{sentenceCase(EVENT_STATUS_NAMES[status])}</Mark>;
}
