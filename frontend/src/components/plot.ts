/** A stacked bar chart on a canvas. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Discrepancy, Timeseries } from "../api/generated";
import { LOOKS, STROKES } from "./looks";
import { stacked } from "./stacks";

const HEIGHT = 220;
const TILE = 8;
const FONT = "12px system-ui, sans-serif";

export interface PlotOptions {
  /** From the bottom up. */
  shown: readonly Discrepancy[];
  step: number;
  zone: string;
  /** Which step is pointed at; null: none. */
  onPoint: (index: number | null) => void;
}

export interface Plot {
  show: (timeseries: Timeseries) => void;
  destroy: () => void;
}

/** Draws into `container`, in the colours that hold there now, and follows its width. */
export function createPlot(
  container: HTMLElement,
  timeseries: Timeseries,
  options: PlotOptions,
): Plot {
  const plot = new uPlot(
    uplotOptions(container, options),
    dataOf(timeseries, options.shown),
    container,
  );
  const resizing = new ResizeObserver(() =>
    plot.setSize({ width: container.clientWidth, height: HEIGHT }),
  );
  resizing.observe(container);
  return {
    show: (next) => plot.setData(dataOf(next, options.shown)),
    destroy: () => {
      resizing.disconnect();
      plot.destroy();
    },
  };
}

/** The highest stack first: the lower ones are drawn over it. */
function dataOf({ times, series }: Timeseries, shown: readonly Discrepancy[]): uPlot.AlignedData {
  return [times, ...stacked(series, shown).reverse()];
}

function uplotOptions(container: HTMLElement, options: PlotOptions): uPlot.Options {
  const colour = (name: string) => getComputedStyle(container).getPropertyValue(name).trim();
  const bars = uPlot.paths.bars?.({ size: [0.78, 44] });
  const axis: uPlot.Axis = {
    stroke: colour("--tone-muted"),
    font: FONT,
    grid: { stroke: colour("--tone-grid"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: container.clientWidth,
    height: HEIGHT,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), options.zone),
    scales: {
      x: { range: (_, from, to) => [from - options.step / 2, to + options.step / 2] },
      y: { range: (_, __, top) => [0, Math.max(top, 4) * 1.05] },
    },
    axes: [
      { ...axis, grid: { show: false }, values: "{HH}:{mm}", space: 60, size: 28 },
      { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5] },
    ],
    series: [
      {},
      ...[...options.shown].reverse().map((discrepancy) => ({
        fill: paintOf(discrepancy, colour),
        width: 0,
        points: { show: false },
        ...(bars && { paths: bars }),
      })),
    ],
    hooks: { setCursor: [(plot) => options.onPoint(plot.cursor.idx ?? null)] },
  };
}

type Paint = Exclude<uPlot.Series["fill"], undefined>;

/** The colour, or a tile of it with the pattern upon it: opaque, for it covers what is below. */
function paintOf(discrepancy: Discrepancy, colour: (name: string) => string): Paint {
  const { colour: name, pattern } = LOOKS[discrepancy];
  const paint = colour(name);
  if (pattern === "solid") {
    return paint;
  }
  const ratio = window.devicePixelRatio;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = TILE * ratio;
  const tile = canvas.getContext("2d");
  if (!tile) {
    return paint;
  }
  tile.scale(ratio, ratio);
  tile.fillStyle = colour("--mantine-color-body");
  tile.fillRect(0, 0, TILE, TILE);
  tile.globalAlpha = 0.3;
  tile.fillStyle = paint;
  tile.fillRect(0, 0, TILE, TILE);
  tile.globalAlpha = 1;
  tile.strokeStyle = paint;
  tile.lineWidth = 2;
  tile.stroke(new Path2D(STROKES[pattern]));
  const repeated = tile.createPattern(canvas, "repeat");
  return () => repeated ?? paint;
}
