/** One clock for the whole screen, so that all relative times agree. It ticks by the second. */

const listeners = new Set<() => void>();
let ahead = 0;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function tick() {
  now = Date.now() + ahead;
  for (const listener of listeners) {
    listener();
  }
}

export const clock = {
  /** The time of the last tick, in epoch milliseconds. */
  now(): number {
    return timer === undefined ? Date.now() + ahead : now;
  },

  /** Go by the server's clock: this machine's may be wrong. */
  synchronise(serverNow: string): void {
    ahead = Date.parse(serverNow) - Date.now();
  },

  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    if (timer === undefined) {
      now = Date.now() + ahead;
      timer = setInterval(tick, 1000);
    }
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    };
  },
};
