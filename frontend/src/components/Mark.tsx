import "./tones.css";
import type { ReactNode } from "react";
import { Glyph, type GlyphName } from "./Glyph";
import classes from "./Mark.module.css";

export type Tone = "good" | "bad" | "wait" | "warn" | "muted";

interface MarkProps {
  tone: Tone;
  glyph: GlyphName;
  children: ReactNode;
}

/** A word with its icon and colour. */
export function Mark({ tone, glyph, children }: MarkProps) {
  return (
    <span className={`${classes.mark} ${classes[tone]}`}>
      <Glyph name={glyph} size={12} />
      <span>{children}</span>
    </span>
  );
}
