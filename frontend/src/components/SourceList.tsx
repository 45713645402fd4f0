import "./tones.css";
import type { Source, SourceName } from "../api/generated";
import { lagInWords, type SourceState, stateOf } from "../format/lag";
import { compactCount, formatCount } from "../format/money";
import { counted, sentenceCase } from "../format/words";
import type { GlyphName } from "./Glyph";
import { Instant } from "./Instant";
import { Mark, type Tone } from "./Mark";
import classes from "./SourceList.module.css";
import { Sparkline } from "./Sparkline";
import { useClock } from "./useClock";

export const STATE_LOOKS: Record<SourceState, { word: string; tone: Tone; glyph: GlyphName }> = {
  current: { word: "Current", tone: "good", glyph: "agree" },
  behind: { word: "Behind", tone: "warn", glyph: "wait" },
  far_behind: { word: "Far behind", tone: "bad", glyph: "warn" },
  silent: { word: "Silent", tone: "warn", glyph: "none" },
  unread: { word: "Never read", tone: "muted", glyph: "absent" },
};

interface SourceListProps {
  sources: Source[];
  /** Lags in seconds, oldest first, as far back as they are known. */
  history?: Partial<Record<SourceName, number[]>>;
}

/** Each source: how far it has been read, and when it last told something. */
export function SourceList({ sources, history = {} }: SourceListProps) {
  return (
    <ul className={classes.list}>
      {sources.map((source) => (
        <SourceItem key={source.source} source={source} lags={history[source.source] ?? []} />
      ))}
    </ul>
  );
}

function SourceItem({ source, lags }: { source: Source; lags: number[] }) {
  const state = useClock((now) => stateOf(source, now));
  const lag = useClock((now) => lagInWords(source, now));
  const { word, tone, glyph } = STATE_LOOKS[state];
  return (
    <li className={classes.item}>
      <div className={classes.head}>
        <span className={classes.name}>{sentenceCase(source.source)}</span>
        <span className={classes.topic}>{source.topic}</span>
        <Mark tone={tone} glyph={glyph}>
          {word}
        </Mark>
      </div>
      <div className={classes.facts}>
        {state !== "unread" && <span className={classes.lag}>{lag}</span>}
        <span title={formatCount(source.records)}>{compactCount(source.records)} records</span>
        {source.dead_letters > 0 && <span>{counted(source.dead_letters, "dead letter")}</span>}
        {source.last_record_at && (
          <span>
            last <Instant at={source.last_record_at} />
          </span>
        )}
      </div>
      {lags.length > 1 && <Sparkline values={lags} label={`Lag of ${source.source}`} />}
    </li>
  );
}
