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
  const { origin } = window.location;
  return (
    path.startsWith("/") && URL.canParse(path, origin) && new URL(path, origin).origin === origin
  );
}
