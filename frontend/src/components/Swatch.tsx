import type { Discrepancy } from "../api/generated";
import { LOOKS, STROKES } from "./looks";

/** The colour and pattern of a discrepancy; its name stands beside it. */
export function Swatch({ discrepancy, size = 10 }: { discrepancy: Discrepancy; size?: number }) {
  const { colour, pattern } = LOOKS[discrepancy];
  const paint = `var(${colour})`;
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 8 8"
      aria-hidden="true"
      style={{ flex: "none", borderRadius: 2, overflow: "hidden", display: "block" }}
    >
      <rect width="8" height="8" fill={paint} fillOpacity={pattern === "solid" ? 1 : 0.3} />
      <path d={STROKES[pattern]} stroke={paint} strokeWidth="2" />
    </svg>
  );
}
