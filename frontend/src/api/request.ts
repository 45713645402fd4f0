import type { Problem } from "./generated";
import { ProblemError, Unreachable } from "./problems";
import { tellSessionOver } from "./session";

// Django's own names, which GET config confirms.
const CSRF_COOKIE = "csrftoken";
const CSRF_HEADER = "X-CSRFToken";
const SAFE = new Set(["GET", "HEAD"]);

/** What a query or a mutation can fail with: the generated hooks take it from here. */
export type ErrorType<_Told> = ProblemError | Unreachable;

/** What every generated call goes through: the body, or ProblemError, or Unreachable. */
export async function request<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await answer(url, init);
  if (response.status === 204) return undefined as T;
  if (response.ok) return (await response.json()) as T;
  const error = new ProblemError(await problemOf(response));
  if (error.slug === "not-signed-in") tellSessionOver();
  throw error;
}

async function answer(url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("Accept", "application/json");
  const token = cookie(CSRF_COOKIE);
  if (token && !SAFE.has(init.method ?? "GET")) headers.set(CSRF_HEADER, token);
  try {
    return await fetch(url, { ...init, headers, credentials: "same-origin" });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new Unreachable(cause);
  }
}

async function problemOf(response: Response): Promise<Problem> {
  if (response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    return (await response.json()) as Problem;
  }
  const detail = `The server answered ${response.status} ${response.statusText}`.trim();
  return { type: "about:blank", title: "Unexpected answer", status: response.status, detail };
}

function cookie(name: string): string | undefined {
  const pair = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return pair && decodeURIComponent(pair.slice(name.length + 1));
}
