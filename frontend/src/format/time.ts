/** Times as people read them. They come as RFC 3339 in UTC, with up to microseconds. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "just now", "12 s ago", "3 min ago", "2 h ago", "4 days ago"; a time to come is "in 12 s". */
export function relative(at: string, now: number): string {
  const seconds = (now - Date.parse(at)) / 1000;
  if (Number.isNaN(seconds)) {
    return at;
  }
  if (Math.abs(seconds) < 1) {
    return "just now";
  }
  return seconds < 0 ? `in ${duration(-seconds)}` : `${duration(seconds)} ago`;
}

/** Seconds in the largest unit that fits, never more than have passed. */
export function duration(seconds: number): string {
  if (seconds < 10) {
    return `${trimmed(seconds)} s`;
  }
  if (seconds < MINUTE) {
    return `${Math.floor(seconds)} s`;
  }
  if (seconds < HOUR) {
    return `${Math.floor(seconds / MINUTE)} min`;
  }
  if (seconds < DAY) {
    return `${Math.floor(seconds / HOUR)} h`;
  }
  const days = Math.floor(seconds / DAY);
  return days === 1 ? "1 day" : `${days} days`;
}

/** For `now` that ticks by the second: no tenths. */
export function relativeInSeconds(at: string, now: number): string {
  const then = Date.parse(at);
  return relative(at, then + Math.trunc((now - then) / 1000) * 1000);
}

/** "2026-11-25 12:03:04.123456 UTC": the text's own digits, so that nothing is lost. */
export function exactUtc(at: string): string {
  return `${dateUtc(at)} ${clockUtc(at)} UTC`;
}

/** "2026-11-25" */
export function dateUtc(at: string): string {
  return isoUtc(at).slice(0, 10);
}

/** "12:03:04.123456", without a fraction of zero. */
export function clockUtc(at: string): string {
  const fraction = (/\.(\d+)/.exec(at)?.[1] ?? "").replace(/0+$/, "");
  const clock = isoUtc(at).slice(11, 19);
  return fraction ? `${clock}.${fraction}` : clock;
}

/** "25 Nov 2026, 17:33:04 Asia/Kolkata" */
export function inZone(at: string, zone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
    timeZone: zone,
  });
  return `${format.format(new Date(at))} ${zone}`;
}

/** The exact time in UTC, and in the zone of the business where that is another. */
export function exact(at: string, zone: string): string {
  if (Number.isNaN(Date.parse(at))) {
    return at;
  }
  return zone === "UTC" ? exactUtc(at) : `${exactUtc(at)}\n${inZone(at, zone)}`;
}

/** Seconds from one time to another; negative if the other is earlier. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

function isoUtc(at: string): string {
  return new Date(at).toISOString();
}

function trimmed(seconds: number): string {
  return (Math.floor(seconds * 10) / 10).toString();
}
