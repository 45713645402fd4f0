import "./tones.css";
import type { Revision } from "../api/generated";
import { causeInWords, changeInWords, riskInWords } from "../format/causes";
import { Instant } from "./Instant";
import classes from "./RevisionHistory.module.css";
import { StatusBadge } from "./StatusBadge";

interface RevisionHistoryProps {
  /** By revision, the first first. */
  history: Revision[];
  currency?: string;
}

/** How the verdict came to be, the newest on top. */
export function RevisionHistory({ history, currency = "" }: RevisionHistoryProps) {
  const newestFirst = history
    .map((revision, at) => ({ revision, change: changeInWords(history, at) }))
    .reverse();
  return (
    <ol className={classes.history} reversed>
      {newestFirst.map(({ revision, change }) => (
        <li
          key={revision.revision}
          className={classes.revision}
          data-status={revision.status}
          value={revision.revision}
        >
          <div className={classes.head}>
            <StatusBadge status={revision.status} />
            <span className={classes.change}>{change}</span>
          </div>
          <div className={classes.facts}>
            <Instant at={revision.at} as="exact" />
            <span>{causeInWords(revision.cause)}</span>
            <span>{riskInWords(revision, currency)}</span>
            <span>Rule set {revision.rule_set}</span>
          </div>
        </li>
      ))}
    </ol>
  );
}
