import { ActionIcon, Group, Text } from "@mantine/core";
import type { LiveState } from "../live/connection";
import { useLive, useLiveState } from "../live/LiveProvider";
import { Icon } from "./icons";
import classes from "./LiveChip.module.css";

type Kind = LiveState["kind"];

const SIGNS: Record<Kind, string> = {
  connecting: "○",
  live: "●",
  stale: "◐",
  offline: "✕",
  paused: "‖",
};

/** How fresh the screen is, in words; and the switch that holds it still. */
export function LiveChip() {
  const state = useLiveState();
  const { connection } = useLive();
  const paused = state.kind === "paused";
  return (
    <Group gap={4} wrap="nowrap">
      <div className={classes.chip} data-state={state.kind} role="status">
        <span aria-hidden="true" className={classes.sign}>
          {SIGNS[state.kind]}
        </span>
        <Text span size="sm" fw={600}>
          {sayState(state)}
        </Text>
      </div>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={paused ? "Resume live updates" : "Pause live updates"}
        onClick={paused ? connection.resume : connection.pause}
      >
        <Icon name={paused ? "play" : "pause"} />
      </ActionIcon>
    </Group>
  );
}

export function sayState(state: LiveState): string {
  switch (state.kind) {
    case "connecting":
      return "Connecting…";
    case "live":
      return "Live";
    case "stale":
      return state.heard === null
        ? "Reconnecting…"
        : `Reconnecting… data from ${clock(state.heard)}`;
    case "offline":
      return `Server unreachable since ${clock(state.since)}`;
    case "paused":
      return `Paused at ${clock(state.since)}`;
  }
}

function clock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}
