import "./tones.css";
import type { ReactNode } from "react";
import classes from "./states.module.css";

/** Nothing is here, and why; the children say what to do about it. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={classes.state}>
      <p className={classes.title}>{title}</p>
      {children && <div className={classes.text}>{children}</div>}
    </div>
  );
}
