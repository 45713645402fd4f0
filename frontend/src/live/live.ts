import type { QueryClient } from "@tanstack/react-query";
import { getMe } from "../api/generated";
import { isProblem, ProblemError, Unreachable } from "../api/problems";
import { tellSessionOver } from "../api/session";
import type { Follow } from "./arrivals";
import { LiveCache } from "./cache";
import { LiveConnection, type Reachability } from "./connection";
import { ChangesFeed } from "./feed";

export interface Live {
  connection: LiveConnection;
  /** What has changed, for lists that count what waits. */
  follow: Follow;
}

/** The connection of whoever is signed in, with the query cache at its other end. */
export function createLive(client: QueryClient, path: string, noAccess: () => void): Live {
  const cache = new LiveCache(client);
  const feed = new ChangesFeed();
  const connection = new LiveConnection({
    open: () => new WebSocket(window.location.origin.replace(/^http/, "ws") + path),
    probe: () => probe(noAccess),
    events: {
      pulse: cache.pulse,
      changes: (changes) => {
        cache.changes(changes);
        feed.tell(changes);
      },
      gap: cache.gap,
      sessionOver: tellSessionOver,
      noAccess,
    },
  });
  return { connection, follow: feed.follow };
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
