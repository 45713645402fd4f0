import type { ReactNode } from "react";

const PATHS = {
  agree: <path d="M3.5 8.5l3 3 6-7" />,
  differ: <path d="M3 6h10M3 10h10M10 3L6 13" />,
  wait: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 5v3l2 1.5" />
    </>
  ),
  absent: (
    <>
      <circle cx="8" cy="8" r="5.5" strokeDasharray="2.5 2" />
      <path d="M6 8h4" />
    </>
  ),
  warn: <path d="M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.2" />,
  none: <path d="M4 8h8" />,
  undo: <path d="M6 3L3 6l3 3M3 6h6a4 4 0 0 1 0 8H7" />,
  new: <path d="M8 13V3.5M4 7l4-4 4 4" />,
} satisfies Record<string, ReactNode>;

export type GlyphName = keyof typeof PATHS;

/** Says nothing by itself: a word stands beside it. */
export function Glyph({ name, size = 14 }: { name: GlyphName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: "none" }}
    >
      {PATHS[name]}
    </svg>
  );
}
