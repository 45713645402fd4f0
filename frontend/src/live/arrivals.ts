import type { Result } from "../api/generated";
import type { Changes } from "./messages";

/** What waits behind "12 new". Not exact: there are more, but nobody has counted them. */
export interface Waiting {
  count: number;
  exact: boolean;
}

/** Tells also what was heard since a time, in epoch milliseconds. */
export type Follow = (since: number, listener: (changes: Changes) => void) => () => void;

interface Listed {
  /** When the list was asked for: what was told since may not be in it. */
  asked: number;
  isNew: (row: Result) => boolean;
  /** Whether what simply matched belongs in it: of that a flood tells the number alone. */
  takesMatched: boolean;
}

/** Counts what came since a list was asked for and belongs in it, but is not in it. */
export class Arrivals {
  private readonly follow: Follow;
  private readonly listed: Listed;
  private readonly ids = new Set<string>();
  private waiting: Waiting = { count: 0, exact: true };

  constructor(follow: Follow, listed: Listed) {
    this.follow = follow;
    this.listed = listed;
  }

  readonly subscribe = (listener: () => void): (() => void) =>
    this.follow(this.listed.asked, (changes) => {
      if (this.take(changes)) listener();
    });

  readonly snapshot = (): Waiting => this.waiting;

  private take({ rows, count }: Changes): boolean {
    const { isNew, takesMatched } = this.listed;
    for (const row of rows ?? []) {
      if (isNew(row)) this.ids.add(row.transaction_id);
      else this.ids.delete(row.transaction_id);
    }
    const all = rows !== null && (rows.length === count || !takesMatched);
    const exact = this.waiting.exact && all;
    if (this.ids.size === this.waiting.count && exact === this.waiting.exact) return false;
    this.waiting = { count: this.ids.size, exact };
    return true;
  }
}
