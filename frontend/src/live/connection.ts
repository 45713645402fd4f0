import { clock } from "../format/clock";
import { type Changes, CloseCode, type Message, type Pulse } from "./messages";

/** How fresh what is shown is. `since` and `heard` are epoch milliseconds. */
export type LiveState =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "stale"; heard: number | null }
  | { kind: "offline"; since: number }
  | { kind: "paused"; since: number };

export type Reachability = "reachable" | "unreachable";

export interface LiveEvents {
  pulse(pulse: Pulse): void;
  changes(changes: Changes): void;
  /** Something may have been missed: whatever is shown must be fetched again. */
  gap(): void;
  sessionOver(): void;
  noAccess(): void;
}

export interface LiveOptions {
  open(): WebSocket;
  /** A WebSocket does not say why it fails: whether the server answers at all. */
  probe(): Promise<Reachability>;
  events: LiveEvents;
}

/** The server pulses every second. */
const SILENCE = 5_000;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;

/**
 * Keeps one WebSocket open, and knows the position up to which all was heard.
 * A `changes` that starts elsewhere, or a pulse that is elsewhere, is a gap.
 */
export class LiveConnection {
  private readonly options: LiveOptions;
  private readonly listeners = new Set<() => void>();
  private current: LiveState = { kind: "connecting" };
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private position: string | null = null;
  private heard: number | null = null;
  private failures = 0;

  constructor(options: LiveOptions) {
    this.options = options;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly state = (): LiveState => this.current;

  /** Opens, and gives back what closes again. */
  readonly start = (): (() => void) => {
    this.become({ kind: "connecting" });
    this.open();
    window.addEventListener("online", this.hurry);
    return this.stop;
  };

  readonly pause = (): void => {
    this.drop();
    this.become({ kind: "paused", since: clock.now() });
  };

  readonly resume = (): void => {
    this.become({ kind: "connecting" });
    this.open();
  };

  private readonly stop = (): void => {
    window.removeEventListener("online", this.hurry);
    this.drop();
  };

  /** The network is back: no reason to wait for the next attempt. */
  private readonly hurry = (): void => {
    if (this.current.kind === "stale" || this.current.kind === "offline") this.open();
  };

  private open(): void {
    this.drop();
    const socket = this.options.open();
    this.socket = socket;
    socket.onmessage = (event: MessageEvent<string>) => this.hear(JSON.parse(event.data));
    socket.onclose = (event) => this.closed(event.code);
    this.watch();
  }

  /** Lets go of the socket and of whatever was to come of it. */
  private drop(): void {
    clearTimeout(this.timer);
    if (!this.socket) return;
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }

  private watch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lost(), SILENCE);
  }

  private hear(message: Message): void {
    this.watch();
    this.heard = clock.now();
    this.failures = 0;
    if (message.type === "changes") this.hearChanges(message);
    else this.hearPulse(message);
    if (this.current.kind !== "live") this.become({ kind: "live" });
  }

  private hearPulse(pulse: Pulse): void {
    const missed = this.position !== pulse.position;
    this.position = pulse.position;
    this.options.events.pulse(pulse);
    if (missed) this.options.events.gap();
  }

  private hearChanges(changes: Changes): void {
    if (this.position === changes.position) return;
    const missed = this.position !== null && this.position !== changes.after;
    this.position = changes.position;
    this.options.events.changes(changes);
    if (missed) this.options.events.gap();
  }

  private closed(code: number): void {
    this.socket = null;
    if (code === CloseCode.sessionOver) this.ended(this.options.events.sessionOver);
    else if (code === CloseCode.noAccess) this.ended(this.options.events.noAccess);
    else this.lost();
  }

  private ended(tell: () => void): void {
    this.stop();
    tell();
  }

  private lost(): void {
    this.drop();
    if (this.current.kind !== "offline") this.become({ kind: "stale", heard: this.heard });
    this.timer = setTimeout(() => this.open(), delay(this.failures));
    this.failures += 1;
    void this.explain();
  }

  private async explain(): Promise<void> {
    const answer = await this.options.probe();
    const kind = this.current.kind;
    if (kind !== "stale" && kind !== "offline") return;
    if (answer === "unreachable" && kind === "stale") {
      this.become({ kind: "offline", since: this.heard ?? clock.now() });
    } else if (answer === "reachable") {
      if (kind === "offline") this.become({ kind: "stale", heard: this.heard });
      // Without a live connection the attempts set the beat of fetching.
      this.options.events.gap();
    }
  }

  private become(state: LiveState): void {
    this.current = state;
    for (const listener of this.listeners) listener();
  }
}

/** Doubled at each failure, and spread, so that a restarted server is not stormed. */
export function delay(failures: number): number {
  const longest = Math.min(FIRST_DELAY * 2 ** failures, LONGEST_DELAY);
  return longest * (0.5 + Math.random() / 2);
}
