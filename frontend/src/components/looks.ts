/** How each discrepancy looks: a colour and a pattern, so that neither has to be told by hue. */

import "./tones.css";
import type { Discrepancy } from "../api/generated";

export type Pattern = "solid" | "rising" | "falling" | "level" | "upright";

export interface Look {
  /** A CSS variable of tones.css. */
  colour: string;
  pattern: Pattern;
}

/** What is not there is hatched. */
export const LOOKS: Record<Discrepancy, Look> = {
  ACCOUNT: { colour: "--discrepancy-account", pattern: "solid" },
  AMOUNT: { colour: "--discrepancy-amount", pattern: "solid" },
  CURRENCY: { colour: "--discrepancy-currency", pattern: "solid" },
  DUPLICATE: { colour: "--discrepancy-duplicate", pattern: "solid" },
  MISSING_CORE: { colour: "--discrepancy-missing-core", pattern: "rising" },
  MISSING_GATEWAY: { colour: "--discrepancy-missing-gateway", pattern: "falling" },
  MISSING_MOBILE: { colour: "--discrepancy-missing-mobile", pattern: "upright" },
  STATUS: { colour: "--discrepancy-status", pattern: "solid" },
  TIMESTAMP: { colour: "--discrepancy-timestamp", pattern: "solid" },
  UNRESOLVED: { colour: "--discrepancy-unresolved", pattern: "level" },
};

/** In a tile of eight by eight, so that tiles join without a seam. */
export const STROKES: Record<Pattern, string> = {
  solid: "",
  rising: "M-2 2L2 -2M0 8L8 0M6 10L10 6",
  falling: "M-2 6L2 10M0 0L8 8M6 -2L10 2",
  level: "M0 2H8M0 6H8",
  upright: "M2 0V8M6 0V8",
};
