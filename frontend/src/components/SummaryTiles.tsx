import "./tones.css";
import { ScrollArea } from "@mantine/core";
import type { ReactNode } from "react";
import type { Summary } from "../api/generated";
import { compactCount, formatCount } from "../format/money";
import { Glyph, type GlyphName } from "./Glyph";
import type { Tone } from "./Mark";
import { Money } from "./Money";
import classes from "./SummaryTiles.module.css";

/** As many as three lines surely have room for. */
const UNSCROLLED = 3;

/** The figures of the moment. A large one is shortened; the exact one is on hover and read out. */
export function SummaryTiles({ summary }: { summary: Summary }) {
  const { in_flight, matched, mismatched, dead_letters, amount_at_risk } = summary;
  const rate = matchRate(matched, mismatched);
  return (
    <dl className={classes.tiles}>
      <Tile name="In flight" glyph="wait" tone="wait" note="not decided yet">
        <Count count={in_flight} />
      </Tile>
      <Tile name="Matched" glyph="agree" tone="good" note={rate && `${rate} of the decided`}>
        <Count count={matched} />
      </Tile>
      <Tile
        name="Mismatched"
        glyph="differ"
        tone={mismatched ? "bad" : "muted"}
        note={mismatched ? "sources disagree" : "all agree"}
      >
        <Count count={mismatched} />
      </Tile>
      <Tile
        name="Dead letters"
        glyph="warn"
        tone={dead_letters ? "warn" : "muted"}
        note={dead_letters ? "records nobody can read" : "every record was read"}
      >
        <Count count={dead_letters} />
      </Tile>
      <Tile name="Amount at risk" glyph="warn" tone={amount_at_risk.length ? "bad" : "muted"} wide>
        {amount_at_risk.length ? <Amounts amounts={amount_at_risk} /> : "Nothing"}
      </Tile>
    </dl>
  );
}

/** Matched of all decided, cut to a tenth of a percent: 100 % is said of all alone. */
export function matchRate(matched: number, mismatched: number): string | null {
  const decided = matched + mismatched;
  return decided ? `${(Math.floor((matched / decided) * 1000) / 10).toFixed(1)} %` : null;
}

/** They may be many: beyond a few lines they scroll, by the keyboard, too. */
function Amounts({ amounts }: { amounts: Summary["amount_at_risk"] }) {
  const many = amounts.length > UNSCROLLED && {
    viewportProps: { tabIndex: 0, role: "region", "aria-label": "Amounts at risk" },
  };
  return (
    <ScrollArea.Autosize mah="6.5rem" type="auto" offsetScrollbars="present" {...many}>
      <ul className={classes.amounts}>
        {amounts.map(({ currency, amount }) => (
          <li key={currency}>
            <Money amount={amount} currency={currency} compact />
          </li>
        ))}
      </ul>
    </ScrollArea.Autosize>
  );
}

interface TileProps {
  name: string;
  glyph: GlyphName;
  tone: Tone;
  note?: string | null;
  wide?: boolean;
  children: ReactNode;
}

function Tile({ name, glyph, tone, note, wide, children }: TileProps) {
  return (
    <div className={classes.tile} data-wide={wide} data-tone={tone}>
      <dt className={classes.name}>
        <Glyph name={glyph} />
        {name}
      </dt>
      <dd className={classes.figure}>{children}</dd>
      {note && <dd className={classes.note}>{note}</dd>}
    </div>
  );
}

function Count({ count }: { count: number }) {
  const exact = formatCount(count);
  return (
    <span title={exact}>
      <span aria-hidden="true">{compactCount(count)}</span>
      <span className={classes.heard}>{exact}</span>
    </span>
  );
}
