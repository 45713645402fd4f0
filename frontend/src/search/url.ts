/** Search parameters as people and the API write them: `?status=matched&status=mismatched`. */
export type Raw = Record<string, unknown>;

export function parseSearch(text: string): Raw {
  const raw: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = raw[name];
    raw[name] = before === undefined ? value : [before, value].flat();
  }
  return raw;
}

export function stringifySearch(search: Raw): string {
  const pairs = Object.entries(search).flatMap(([name, value]) =>
    [value].flat().flatMap((each) => (each === undefined ? [] : [[name, String(each)]])),
  );
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}

/** The words of a parameter that may be repeated; undefined when there is none. */
export function words(value: unknown): string[] | undefined {
  const all = [value].flat().filter((each) => typeof each === "string" && each !== "") as string[];
  return all.length ? [...new Set(all)] : undefined;
}

export function word(value: unknown): string | undefined {
  return words(value)?.[0];
}

/** Only those that are among the known ones: a link may be old, or written by hand. */
export function known<T extends string>(
  value: unknown,
  among: Readonly<Record<string, T>>,
): T[] | undefined {
  const all = words(value)?.filter((each): each is T => Object.values(among).includes(each as T));
  return all?.length ? all : undefined;
}

export function instant(value: unknown): string | undefined {
  const text = word(value);
  return text && !Number.isNaN(Date.parse(text)) ? text : undefined;
}
