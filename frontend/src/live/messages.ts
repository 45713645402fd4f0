import type { Result, Source, Summary } from "../api/generated";

/** What the server says over the live connection. It listens to nothing. */
export interface Pulse {
  type: "pulse";
  position: string;
  summary: Summary;
  sources: Source[];
  /** This minute and the one before: what they count now. */
  minutes: MinuteCounts[];
}

export interface MinuteCounts {
  /** Epoch seconds. */
  minute: number;
  counts: Record<string, number>;
}

export interface Changes {
  type: "changes";
  after: string;
  position: string;
  count: number;
  /** Null when there are too many: then what is shown is fetched again. */
  rows: Result[] | null;
}

export type Message = Pulse | Changes;

export const CloseCode = { sessionOver: 4401, noAccess: 4403 } as const;
