import { describe, expect, it } from "vitest";
import type { Source } from "../api/generated";
import { lagInWords, stateOf } from "./lag";

const NOW = Date.parse("2026-11-25T12:10:00Z");
const CORE: Source = {
  source: "core",
  topic: "core_txns",
  records: 7,
  dead_letters: 0,
  last_record_at: "2026-11-25T12:09:58Z",
  read_until: "2026-11-25T12:09:59Z",
  lag_seconds: 0.84,
};

describe("lag", () => {
  it.each([
    [{}, "current", "0.8 s behind"],
    [{ lag_seconds: -0.2 }, "current", "0 s behind"],
    [{ lag_seconds: 12.5 }, "behind", "12 s behind"],
    [{ lag_seconds: 240 }, "far_behind", "4 min behind"],
    [{ last_record_at: "2026-11-25T12:06:00Z" }, "silent", "silent for 4 min"],
    [{ last_record_at: null }, "silent", "no event yet"],
    [{ lag_seconds: null, read_until: null }, "unread", "never read"],
  ])("of %o is %s", (changed, state, said) => {
    const source = { ...CORE, ...changed };
    expect([stateOf(source, NOW), lagInWords(source, NOW)]).toEqual([state, said]);
  });
});
