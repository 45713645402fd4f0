import { describe, expect, it } from "vitest";
import { clockUtc, duration, exact, exactUtc, relative, relativeInSeconds } from "./time";

const AT = "2026-11-25T12:03:04.123456Z";
const now = Date.parse("2026-11-25T12:03:04.123Z");

describe("time", () => {
  it.each([
    [0.4, "just now"],
    [1.25, "1.2 s ago"],
    [59.9, "59 s ago"],
    [60, "1 min ago"],
    [3599, "59 min ago"],
    [3600, "1 h ago"],
    [86_400, "1 day ago"],
    [200_000, "2 days ago"],
    [-30, "in 30 s"],
  ])("%s seconds later is %s", (seconds, said) => {
    expect(relative(AT, now + seconds * 1000)).toBe(said);
  });

  it("ticks without tenths", () => {
    expect(relativeInSeconds(AT, now + 1900)).toBe("1 s ago");
  });

  it("says a duration of less than ten seconds in tenths", () => {
    expect([0, 0.84, 3, 12.9, 240].map(duration)).toEqual(["0 s", "0.8 s", "3 s", "12 s", "4 min"]);
  });

  it("keeps microseconds, and leaves out a fraction of zero", () => {
    expect(exactUtc(AT)).toBe("2026-11-25 12:03:04.123456 UTC");
    expect(clockUtc("2026-11-25T12:03:04.000000Z")).toBe("12:03:04");
    expect(clockUtc("2026-11-25T12:03:04+00:00")).toBe("12:03:04");
  });

  it("adds the zone of the business where it is another", () => {
    expect(exact(AT, "UTC")).toBe("2026-11-25 12:03:04.123456 UTC");
    expect(exact(AT, "Asia/Kolkata")).toBe(
      "2026-11-25 12:03:04.123456 UTC\n25 Nov 2026, 17:33:04 Asia/Kolkata",
    );
  });

  it("shows what is no time as it stands", () => {
    expect([relative("soon", now), exact("soon", "UTC")]).toEqual(["soon", "soon"]);
  });
});
