import "./tones.css";
import { useComputedColorScheme } from "@mantine/core";
import { use, useCallback, useEffect, useRef, useState } from "react";
import type { Discrepancy, RangeEnum, Timeseries } from "../api/generated";
import { formatCount } from "../format/money";
import { DISCREPANCIES, DISCREPANCY_NAMES } from "../format/words";
import { EmptyState } from "./EmptyState";
import classes from "./MismatchChart.module.css";
import { createPlot, type Plot } from "./plot";
import { Swatch } from "./Swatch";
import { eventful, totals } from "./stacks";
import { TimeZone } from "./TimeZone";

const SPANS: Record<RangeEnum, { name: string; step: string }> = {
  hour: { name: "hour", step: "minute" },
  day: { name: "day", step: "ten minutes" },
};

/** How many mismatches came of each kind, over time. */
export function MismatchChart({ timeseries }: { timeseries: Timeseries }) {
  const [hidden, setHidden] = useState<ReadonlySet<Discrepancy>>(new Set());
  const counts = totals(timeseries.series);
  const present = DISCREPANCIES.filter((discrepancy) => counts.get(discrepancy));
  if (!present.length) {
    return (
      <EmptyState title={`No mismatches in this ${SPANS[timeseries.range].name}`}>
        The chart fills as soon as sources disagree.
      </EmptyState>
    );
  }
  const shown = present.filter((discrepancy) => !hidden.has(discrepancy));
  const toggle = (discrepancy: Discrepancy) =>
    setHidden((before) => {
      const after = new Set(before);
      return after.delete(discrepancy) ? after : after.add(discrepancy);
    });
  return (
    <figure className={classes.figure}>
      <Stacks key={`${timeseries.range} ${shown.join()}`} timeseries={timeseries} shown={shown} />
      <ul className={classes.legend} aria-label="Kinds of mismatch">
        {present.map((discrepancy) => (
          <li key={discrepancy}>
            <button
              type="button"
              className={classes.kind}
              aria-pressed={!hidden.has(discrepancy)}
              onClick={() => toggle(discrepancy)}
            >
              <Swatch discrepancy={discrepancy} size={12} />
              {DISCREPANCY_NAMES[discrepancy]}{" "}
              <span className={classes.count}>{formatCount(counts.get(discrepancy) ?? 0)}</span>
            </button>
          </li>
        ))}
      </ul>
      <Points timeseries={timeseries} shown={shown} />
    </figure>
  );
}

interface StacksProps {
  timeseries: Timeseries;
  shown: Discrepancy[];
}

/** The canvas, and above it what is pointed at: nothing floats, nothing moves. */
function Stacks({ timeseries, shown }: StacksProps) {
  const zone = use(TimeZone);
  const scheme = useComputedColorScheme();
  const [pointed, setPointed] = useState<number | null>(null);
  const first = useRef({ timeseries, shown });
  const plot = useRef<Plot | null>(null);
  const { step } = timeseries;
  const draw = useCallback(
    (container: HTMLDivElement) => {
      container.dataset.scheme = scheme;
      plot.current = createPlot(container, first.current.timeseries, {
        shown: first.current.shown,
        step,
        zone,
        onPoint: setPointed,
      });
      return () => plot.current?.destroy();
    },
    [scheme, step, zone],
  );
  // The canvas stands outside React: it is told of each new minute.
  useEffect(() => {
    first.current.timeseries = timeseries;
    plot.current?.show(timeseries);
  }, [timeseries]);
  return (
    <>
      <p className={classes.readout} aria-hidden="true">
        {pointed === null ? (
          <span>
            Per {SPANS[timeseries.range].step}, {zone}
          </span>
        ) : (
          <Readout timeseries={timeseries} shown={shown} at={pointed} zone={zone} />
        )}
      </p>
      <div
        ref={draw}
        className={classes.canvas}
        role="img"
        aria-label={`Mismatches by kind over this ${SPANS[timeseries.range].name}; a table of the same figures follows`}
      />
    </>
  );
}

interface ReadoutProps extends StacksProps {
  at: number;
  zone: string;
}

function Readout({ timeseries, shown, at, zone }: ReadoutProps) {
  const time = timeseries.times[at];
  const told = shown.flatMap((discrepancy) => {
    const count = timeseries.series[discrepancy][at] ?? 0;
    return count ? [{ discrepancy, count }] : [];
  });
  return (
    <>
      <strong>
        {time === undefined ? "" : clockIn(time, zone)} {zone}
      </strong>
      {told.map(({ discrepancy, count }) => (
        <span key={discrepancy} className={classes.told}>
          <Swatch discrepancy={discrepancy} />
          {DISCREPANCY_NAMES[discrepancy]} <b>{formatCount(count)}</b>
        </span>
      ))}
      {!told.length && <span>No mismatches</span>}
    </>
  );
}

/** For those who do not see the canvas. */
function Points({ timeseries, shown }: StacksProps) {
  const zone = use(TimeZone);
  return (
    <div className={classes.heard}>
      <table>
        <caption>Mismatches by kind, per {SPANS[timeseries.range].step}</caption>
        <thead>
          <tr>
            <th scope="col">Time ({zone})</th>
            {shown.map((discrepancy) => (
              <th key={discrepancy} scope="col">
                {DISCREPANCY_NAMES[discrepancy]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {eventful(timeseries, shown).map(({ time, counts }) => (
            <tr key={time}>
              <th scope="row">{clockIn(time, zone)}</th>
              {counts.map((count, at) => (
                <td key={shown[at]}>{count}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function clockIn(seconds: number, zone: string): string {
  const format = { hour: "2-digit", minute: "2-digit", timeZone: zone } as const;
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", format);
}
