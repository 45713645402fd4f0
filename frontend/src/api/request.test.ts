import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { worthRetrying } from "./client";
import { ProblemError, Unreachable } from "./problems";
import { request } from "./request";
import { onSessionOver } from "./session";

const fetched = vi.fn<typeof fetch>();

function problem(status: number, slug: string): Response {
  const body = {
    type: `urn:reconsite:problem:${slug}`,
    title: "Title",
    status,
    detail: "What is wrong.",
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/problem+json" },
  });
}

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
  vi.spyOn(document, "cookie", "get").mockReturnValue("other=1; csrftoken=abc");
});
afterEach(() => {
  vi.unstubAllGlobals();
  fetched.mockReset();
});

test("it gives the body", async () => {
  fetched.mockResolvedValue(Response.json({ a: 1 }));
  expect(await request("/api/v1/me")).toEqual({ a: 1 });
});

test("an empty answer is nothing", async () => {
  fetched.mockResolvedValue(new Response(null, { status: 204 }));
  expect(await request("/api/v1/session", { method: "DELETE" })).toBeUndefined();
});

test("only what changes something shows the token", async () => {
  fetched.mockImplementation(async () => Response.json({}));
  await request("/api/v1/session", { method: "POST" });
  await request("/api/v1/me", { method: "GET" });
  const tokens = fetched.mock.calls.map(([, init]) =>
    new Headers(init?.headers).get("X-CSRFToken"),
  );
  expect(tokens).toEqual(["abc", null]);
});

test("a problem is told as the server told it", async () => {
  fetched.mockResolvedValue(problem(404, "not-found"));
  const error = await request("/api/v1/results/x").catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ status: 404, slug: "not-found", message: "What is wrong." });
});

test("an answer that is no problem of ours is an error all the same", async () => {
  fetched.mockResolvedValue(new Response("<html>", { status: 502, statusText: "Bad Gateway" }));
  await expect(request("/api/v1/me")).rejects.toThrow("The server answered 502 Bad Gateway");
});

test("no answer is another matter than a bad one", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(request("/api/v1/me")).rejects.toBeInstanceOf(Unreachable);
});

test("whoever is not signed in any more is told so, but not who mistyped the password", async () => {
  const over = vi.fn();
  const stop = onSessionOver(over);
  fetched.mockResolvedValueOnce(problem(401, "wrong-credentials"));
  await request("/api/v1/session", { method: "POST" }).catch(() => {});
  expect(over).not.toHaveBeenCalled();
  fetched.mockResolvedValueOnce(problem(401, "not-signed-in"));
  await request("/api/v1/summary").catch(() => {});
  expect(over).toHaveBeenCalledOnce();
  stop();
});

test("what the server refused is not asked again; its faults and the network's are", () => {
  const refused = new ProblemError({ type: "about:blank", title: "", status: 403, detail: "" });
  const failed = new ProblemError({ type: "about:blank", title: "", status: 503, detail: "" });
  expect(worthRetrying(0, refused)).toBe(false);
  expect(worthRetrying(0, failed)).toBe(true);
  expect(worthRetrying(0, new Unreachable(null))).toBe(true);
  expect(worthRetrying(3, failed)).toBe(false);
});
