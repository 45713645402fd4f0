import "./tones.css";
import type { Discrepancy, ResultDetails } from "../api/generated";
import { sentence } from "../format/sentences";
import { DISCREPANCY_NAMES, listed } from "../format/words";
import classes from "./DiscrepancyText.module.css";
import { Swatch } from "./Swatch";

interface DiscrepancyTextProps {
  discrepancies: Discrepancy[];
  details: ResultDetails;
  currency: string;
  /** Several as one line that unfolds. */
  folded?: boolean;
}

/** What differs, with what each source says of it. */
export function DiscrepancyText(props: DiscrepancyTextProps) {
  const { discrepancies, folded = false } = props;
  if (!folded || discrepancies.length < 2) {
    return <Sentences {...props} />;
  }
  const names = discrepancies.map((discrepancy) => DISCREPANCY_NAMES[discrepancy].toLowerCase());
  return (
    <details className={classes.folded}>
      <summary>
        <span className={classes.swatches}>
          {discrepancies.map((discrepancy) => (
            <Swatch key={discrepancy} discrepancy={discrepancy} />
          ))}
        </span>
        {discrepancies.length} fields: {listed(names)}
      </summary>
      <Sentences {...props} />
    </details>
  );
}

function Sentences({ discrepancies, details, currency }: DiscrepancyTextProps) {
  return (
    <ul className={classes.sentences}>
      {discrepancies.map((discrepancy) => (
        <li key={discrepancy}>
          <Swatch discrepancy={discrepancy} />
          <span>{sentence(discrepancy, details, currency)}</span>
        </li>
      ))}
    </ul>
  );
}
