import type { Result } from "../api/generated";
import type { Changes } from "./messages";

/** What waits behind "12 new". Not exact: there are more, but nobody has counted them. */
export interface Waiting {
  count: number;
  exact: boolean;
}

export type ChangesFeed = (listener: (changes: Changes) => void) => () => void;

/** Counts what came since a list was fetched and belongs in it, but is not in it. */
export class Arrivals {
  private readonly feed: ChangesFeed;
  private readonly isNew: (row: Result) => boolean;
  private readonly ids = new Set<string>();
  private waiting: Waiting = { count: 0, exact: true };

  constructor(feed: ChangesFeed, isNew: (row: Result) => boolean) {
    this.feed = feed;
    this.isNew = isNew;
  }

  readonly subscribe = (listener: () => void): (() => void) =>
    this.feed((changes) => {
      if (this.take(changes)) listener();
    });

  readonly snapshot = (): Waiting => this.waiting;

  private take({ rows, count }: Changes): boolean {
    for (const row of rows ?? []) {
      if (this.isNew(row)) this.ids.add(row.transaction_id);
      else this.ids.delete(row.transaction_id);
    }
    const exact = this.waiting.exact && rows?.length === count;
    if (this.ids.size === this.waiting.count && exact === this.waiting.exact) return false;
    this.waiting = { count: this.ids.size, exact };
    return true;
  }
}
