import type { QueryClient } from "@tanstack/react-query";
import { meQuery } from "../api/queries";
import { onSessionOver } from "../api/session";
import type { AppRouter } from "../routes";

/** To the sign-in page, which leads back; nothing of what was seen stays in memory. */
export async function leave(client: QueryClient, router: AppRouter, over: boolean): Promise<void> {
  const next = over ? router.state.location.href : undefined;
  client.removeQueries({ queryKey: meQuery().queryKey });
  await router.navigate({ to: "/sign-in", search: over ? { next, over } : {} });
  client.clear();
}

export function leaveWhenSessionIsOver(client: QueryClient, router: AppRouter): () => void {
  return onSessionOver(() => {
    // Who was not signed in is sent to sign in by the route.
    if (client.getQueryData(meQuery().queryKey)) void leave(client, router, true);
  });
}
