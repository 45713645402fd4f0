import { createMemoryHistory } from "@tanstack/react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createQueryClient } from "./api/client";
import { getGetResultUrl } from "./api/generated";
import { meQuery } from "./api/queries";
import { tellSessionOver } from "./api/session";
import { createAppRouter } from "./routes";
import { leaveWhenSessionIsOver } from "./shell/leaving";
import { ME } from "./testing/opened";

function app(path: string) {
  const client = createQueryClient();
  const router = createAppRouter(client);
  router.update({ ...router.options, history: createMemoryHistory({ initialEntries: [path] }) });
  return { client, router };
}

const answers: Record<string, () => Response> = {};

beforeEach(() => {
  answers["/api/v1/me"] = () => Response.json(ME);
  vi.stubGlobal("fetch", async (url: string) => answers[url]?.() ?? Response.json({}));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function refuse(status: number, slug: string) {
  const body = { type: `urn:reconsite:problem:${slug}`, title: "", status, detail: "" };
  const headers = { "Content-Type": "application/problem+json" };
  answers["/api/v1/me"] = () => new Response(JSON.stringify(body), { status, headers });
}

test.each([
  "T-1",
  "a/b",
  "a?b",
  "a#b",
  "100%",
  "a%2Fb",
  "%",
  "$id",
  "a+b&c=d",
  "~!@^*()[]{}|\\\"'",
])("the transaction %s has an address that leads back to it", (id) => {
  const { router } = app("/");
  const location = router.buildLocation({ to: "/transactions/$id", params: { id } });
  const { pathname } = new URL(location.href, "http://localhost");
  const there = createMemoryHistory({ initialEntries: [pathname] }).location;
  const parsed = router.parseLocation?.(there) ?? location;
  expect(router.matchRoutes(parsed).at(-1)?.params).toEqual({ id });
  expect(decodeURIComponent(getGetResultUrl(id).replace("/api/v1/results/", ""))).toBe(id);
});

test("whoever is not signed in is led to sign in, and back", async () => {
  refuse(401, "not-signed-in");
  const { router } = app("/results?status=matched");
  await router.load();
  expect(router.state.location.pathname).toBe("/sign-in");
  expect(router.state.location.search).toEqual({ next: "/results?status=matched" });
});

test.each([
  "/results?status=bogus&sort=bogus&limit=3",
  "/dead-letters?reason=bogus&replayed=perhaps",
  "/?range=year",
  "/sign-in?next=//evil.example",
])("what is not known in %s reaches no page", async (path) => {
  const { router } = app(path);
  await router.load();
  expect(router.state.matches.at(-1)?.loaderDeps).toEqual({});
});

test("whoever has no role is told so", async () => {
  refuse(403, "not-allowed");
  const { router } = app("/");
  await router.load();
  expect(router.state.location.pathname).toBe("/no-access");
});

test("a session that is over leads to sign in, and nothing of it stays", async () => {
  const { client, router } = app("/results");
  await router.load();
  const stop = leaveWhenSessionIsOver(client, router);
  tellSessionOver();
  await vi.waitFor(() => expect(client.getQueryCache().getAll()).toHaveLength(0));
  expect(router.state.matches.at(-1)?.search).toEqual({ next: "/results", over: true });
  expect(client.getQueryData(meQuery().queryKey)).toBeUndefined();
  stop();
});
