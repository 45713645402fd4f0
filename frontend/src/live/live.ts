import type { QueryClient } from "@tanstack/react-query";
import { getMe } from "../api/generated";
import { isProblem, ProblemError, Unreachable } from "../api/problems";
import { tellSessionOver } from "../api/session";
import type { ChangesFeed } from "./arrivals";
import { LiveCache } from "./cache";
import { LiveConnection, type Reachability } from "./connection";
import type { Changes } from "./messages";

export interface Live {
  connection: LiveConnection;
  /** What has changed, for lists that count what waits. */
  changes: ChangesFeed;
}

/** The connection of whoever is signed in, with the query cache at its other end. */
export function createLive(client: QueryClient, path: string, noAccess: () => void): Live {
  const cache = new LiveCache(client);
  const listeners = new Set<(changes: Changes) => void>();
  const connection = new LiveConnection({
    open: () => new WebSocket(window.location.origin.replace(/^http/, "ws") + path),
    probe: () => probe(noAccess),
    events: {
      pulse: cache.pulse,
      changes: (changes) => {
        cache.changes(changes);
        for (const listener of listeners) listener(changes);
      },
      gap: cache.gap,
      sessionOver: tellSessionOver,
      noAccess,
    },
  });
  const changes: ChangesFeed = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { connection, changes };
}

async function probe(noAccess: () => void): Promise<Reachability> {
  try {
    await getMe();
  } catch (error) {
    if (error instanceof Unreachable) return "unreachable";
    // A proxy that answers in place of the server.
    if (error instanceof ProblemError && error.status >= 500) return "unreachable";
    if (isProblem(error, 403)) noAccess();
  }
  return "reachable";
}
