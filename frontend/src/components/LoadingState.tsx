import { Skeleton, Stack } from "@mantine/core";
import classes from "./states.module.css";

const LINES = 4;

/** As many lines as are likely to come, so that little moves when they do. */
export function LoadingState() {
  return (
    <div role="status">
      <span className={classes.heard}>Loading</span>
      <Stack gap="sm" aria-hidden="true">
        {Array.from({ length: LINES }, (_, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are all alike
          <Skeleton key={line} h={18} w={`${92 - ((line * 17) % 40)}%`} radius="sm" />
        ))}
      </Stack>
    </div>
  );
}
