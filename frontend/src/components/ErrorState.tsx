import "./tones.css";
import { Button } from "@mantine/core";
import { Glyph } from "./Glyph";
import classes from "./states.module.css";

/** What went wrong in the server's own sentence, and a way on. */
export function ErrorState({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <div className={classes.error} role="alert">
      <Glyph name="warn" size={18} />
      <div>
        <p className={classes.title}>This could not be loaded</p>
        <p className={classes.text}>{error.message}</p>
        <Button size="xs" variant="default" mt="sm" onClick={onRetry}>
          Try again
        </Button>
      </div>
    </div>
  );
}
