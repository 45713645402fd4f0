import "./tones.css";
import type { ReactNode } from "react";
import type { Leg, TransactionDetail } from "../api/generated";
import { SOURCES, sentenceCase } from "../format/words";
import { DiscrepancyText } from "./DiscrepancyText";
import type { GlyphName } from "./Glyph";
import { Glyph } from "./Glyph";
import { Instant } from "./Instant";
import classes from "./LegsTable.module.css";
import { differing, FIELDS, type LegField, type Presence, presenceOf } from "./legs";
import { Mark, type Tone } from "./Mark";
import { Money } from "./Money";
import { EventStatusBadge } from "./StatusBadge";

export const PRESENCE_LOOKS: Record<
  Presence["state"],
  { word: string; tone: Tone; glyph: GlyphName }
> = {
  told: { word: "told", tone: "good", glyph: "agree" },
  not_told: { word: "not told", tone: "bad", glyph: "absent" },
  awaited: { word: "awaited", tone: "wait", glyph: "wait" },
  not_expected: { word: "not expected", tone: "muted", glyph: "none" },
  told_nothing: { word: "told nothing", tone: "muted", glyph: "none" },
};

const SHOWN: Record<LegField, (leg: Leg) => ReactNode> = {
  status: (leg) => <EventStatusBadge status={leg.status} />,
  amount: (leg) => <Money amount={leg.amount} currency={leg.currency} />,
  currency: (leg) => leg.currency,
  account_id: (leg) => <span className={classes.code}>{leg.account_id}</span>,
  occurred_at: (leg) => <Instant at={leg.occurred_at} as="exact" />,
  channel: (leg) => leg.channel ?? "–",
  reference: (leg) =>
    leg.reference === null ? "–" : <span className={classes.code}>{leg.reference}</span>,
};

/** What each source says, side by side; the difference on top. */
export function LegsTable({ transaction }: { transaction: TransactionDetail }) {
  return (
    <div className={classes.legs}>
      {transaction.discrepancies.length > 0 && (
        <div className={classes.difference}>
          <DiscrepancyText
            discrepancies={transaction.discrepancies}
            details={transaction.details}
            currency={transaction.currency}
          />
          <span className={classes.risk}>
            At risk <Money amount={transaction.amount_at_risk} currency={transaction.currency} />
          </span>
        </div>
      )}
      <table className={classes.table}>
        <thead>
          <tr>
            <td />
            {SOURCES.map((source) => (
              <th key={source} scope="col">
                <span className={classes.source}>{sentenceCase(source)}</span>
                <PresenceMark presence={presenceOf(transaction, source)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(Object.keys(FIELDS) as LegField[]).map((field) => (
            <FieldRow key={field} field={field} transaction={transaction} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PresenceMark({ presence }: { presence: Presence }) {
  const { word, tone, glyph } = PRESENCE_LOOKS[presence.state];
  return (
    <span className={classes.presence}>
      <Mark tone={tone} glyph={glyph}>
        {word}
      </Mark>
      {presence.state === "not_told" && presence.due && (
        <span>
          due <Instant at={presence.due} as="second" />
        </span>
      )}
      {presence.state === "awaited" && (
        <span>
          until <Instant at={presence.until} as="second" />
        </span>
      )}
    </span>
  );
}

function FieldRow({ field, transaction }: { field: LegField; transaction: TransactionDetail }) {
  const different = differing(transaction, field);
  return (
    <tr data-differs={different.size > 0 || undefined}>
      <th scope="row">{FIELDS[field]}</th>
      {SOURCES.map((source) => (
        <LegCell
          key={source}
          leg={transaction.legs[source]}
          field={field}
          differs={different.has(source)}
        />
      ))}
    </tr>
  );
}

interface LegCellProps {
  leg: Leg | null;
  field: LegField;
  differs: boolean;
}

function LegCell({ leg, field, differs }: LegCellProps) {
  return (
    <td data-differs={differs || undefined} data-absent={!leg || undefined}>
      <span className={classes.cell}>
        {leg ? SHOWN[field](leg) : <span className={classes.nothing}>–</span>}
        {differs && (
          <span className={classes.differs}>
            <Glyph name="differ" size={12} />
            differs
          </span>
        )}
      </span>
    </td>
  );
}
