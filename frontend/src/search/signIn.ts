import { type Raw, word } from "./url";

export interface SignInSearch {
  /** Where to go then: a path of this site, also one of the admin. */
  next?: string;
  over?: boolean;
}

export function readSignInSearch(raw: Raw): SignInSearch {
  const next = word(raw.next);
  return {
    ...(next && isLocal(next) && { next }),
    ...(String(raw.over) === "true" && { over: true }),
  };
}

/** Never to another site: `//host` and `/\host` are others. */
function isLocal(path: string): boolean {
  return (
    path.startsWith("/") && new URL(path, window.location.origin).origin === window.location.origin
  );
}
