import "./tones.css";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Result } from "../api/generated";
import { DiscrepancyText } from "./DiscrepancyText";
import { Instant } from "./Instant";
import { Money } from "./Money";
import classes from "./ResultsTable.module.css";
import { StatusBadge } from "./StatusBadge";

/** Results, each row a link to its transaction; cards where the screen is narrow. */
export function ResultsTable({ results }: { results: Result[] }) {
  const arrived = useArrived(results);
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Transaction</th>
          <th scope="col">Verdict</th>
          <th scope="col">What disagrees</th>
          <th scope="col" className={classes.number}>
            At risk
          </th>
          <th scope="col">Channel</th>
          <th scope="col">Changed</th>
        </tr>
      </thead>
      <tbody>
        {results.map((result) => (
          <Row
            key={result.transaction_id}
            result={result}
            arrived={arrived.has(result.transaction_id)}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row({ result, arrived }: { result: Result; arrived: boolean }) {
  return (
    <tr className={classes.row} data-arrived={arrived || undefined}>
      <td className={classes.id}>
        <Link
          to="/transactions/$id"
          params={{ id: result.transaction_id }}
          className={classes.link}
        >
          {result.transaction_id}
        </Link>
        {result.reference && <span className={classes.reference}>{result.reference}</span>}
      </td>
      <td className={classes.verdict}>
        <StatusBadge status={result.status} />
      </td>
      <td className={classes.what}>
        <What result={result} />
      </td>
      <td className={`${classes.risk} ${classes.number}`}>
        <Money amount={result.amount_at_risk} currency={result.currency} />
      </td>
      <td className={classes.channel}>{result.channel ?? "–"}</td>
      <td className={classes.when}>
        <Instant at={result.updated_at} />
      </td>
    </tr>
  );
}

function What({ result }: { result: Result }) {
  if (result.status === "mismatched") {
    return (
      <DiscrepancyText
        discrepancies={result.discrepancies}
        details={result.details}
        currency={result.currency}
        folded
      />
    );
  }
  if (result.status === "in_flight") {
    return <span className={classes.quiet}>Opened again by a later event</span>;
  }
  return result.healed_at ? (
    <span className={classes.quiet}>
      Healed <Instant at={result.healed_at} />
    </span>
  ) : (
    <span className={classes.quiet}>All legs agree</span>
  );
}

/** The rows that came since the last rendering; none where all rows are others. */
function useArrived(results: Result[]): ReadonlySet<string> {
  const [shown, setShown] = useState({ results, arrived: new Set<string>() });
  if (shown.results === results) {
    return shown.arrived;
  }
  const before = new Set(shown.results.map((row) => row.transaction_id));
  const ids = results.map((row) => row.transaction_id);
  const stayed = ids.some((id) => before.has(id));
  const arrived = new Set(stayed ? ids.filter((id) => !before.has(id)) : []);
  setShown({ results, arrived });
  return arrived;
}
