import type { Discrepancy } from "../api/generated";
import { DISCREPANCY_NAMES } from "../format/words";
import classes from "./DiscrepancyBadge.module.css";
import { Swatch } from "./Swatch";

export function DiscrepancyBadge({ discrepancy }: { discrepancy: Discrepancy }) {
  return (
    <span className={classes.badge}>
      <Swatch discrepancy={discrepancy} />
      {DISCREPANCY_NAMES[discrepancy]}
    </span>
  );
}
