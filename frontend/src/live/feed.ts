import type { Follow } from "./arrivals";
import type { Changes } from "./messages";

/** Longer than an answer is waited for. */
const KEPT = 10_000;

/** What has changed, for whoever shows a list; a while of it is kept. */
export class ChangesFeed {
  private readonly listeners = new Set<(changes: Changes) => void>();
  private recent: { at: number; changes: Changes }[] = [];

  readonly tell = (changes: Changes): void => {
    const at = Date.now();
    this.recent = [...this.recent.filter((each) => each.at > at - KEPT), { at, changes }];
    for (const listener of this.listeners) listener(changes);
  };

  readonly follow: Follow = (since, listener) => {
    for (const { at, changes } of this.recent) if (at >= since) listener(changes);
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}
