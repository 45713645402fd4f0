import { use } from "react";
import { clockUtc, dateUtc, exact, relativeInSeconds } from "../format/time";
import { TimeZone } from "./TimeZone";
import { useClock } from "./useClock";

interface InstantProps {
  at: string;
  /** "3 min ago", "12:03:04 UTC" or "2026-11-25 12:03:04.5 UTC". */
  as?: "relative" | "second" | "exact";
}

/** A time; on hover the exact one in UTC and in the zone of the business. */
export function Instant({ at, as = "relative" }: InstantProps) {
  const zone = use(TimeZone);
  return (
    <time dateTime={at} title={exact(at, zone)} style={{ fontVariantNumeric: "tabular-nums" }}>
      {as === "relative" && <Ago at={at} />}
      {as === "second" && `${clockUtc(at).slice(0, 8)} UTC`}
      {as === "exact" && <Exact at={at} />}
    </time>
  );
}

function Ago({ at }: { at: string }) {
  return useClock((now) => relativeInSeconds(at, now));
}

/** Where it is narrow it breaks before the fraction of a second, not within. */
function Exact({ at }: { at: string }) {
  const [clock, fraction] = clockUtc(at).split(".");
  return (
    <>
      {dateUtc(at)} {clock}
      <wbr />
      {fraction && `.${fraction}`} UTC
    </>
  );
}
