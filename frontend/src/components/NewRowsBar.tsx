import "./tones.css";
import { Glyph } from "./Glyph";
import classes from "./NewRowsBar.module.css";

interface NewRowsBarProps {
  count: number;
  /** False where more came than could be counted. */
  exact: boolean;
  onShow: () => void;
}

/** New rows wait behind it; its own place is kept, so that nothing moves under the cursor. */
export function NewRowsBar({ count, exact, onShow }: NewRowsBarProps) {
  return (
    <div role="status" className={classes.place}>
      {(count > 0 || !exact) && (
        <button type="button" className={classes.bar} onClick={onShow}>
          <Glyph name="new" />
          {exact ? `${count.toLocaleString("en")} new` : "New results"}
          <span className={classes.hint}>Show</span>
        </button>
      )}
    </div>
  );
}
