import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { aSummary } from "../testing/rows";
import { delay, LiveConnection, type Reachability } from "./connection";
import type { Message } from "./messages";

class FakeSocket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  close = vi.fn();

  say(message: Message): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const pulse = (position: string): Message => ({
  type: "pulse",
  position,
  summary: aSummary(position),
  sources: [],
  minutes: [],
});
const changes = (after: string, position: string): Message => ({
  type: "changes",
  after,
  position,
  count: 1,
  rows: [],
});

let sockets: FakeSocket[];
let stops: (() => void)[] = [];
let answer: Reachability;
const events = {
  pulse: vi.fn(),
  changes: vi.fn(),
  gap: vi.fn(),
  sessionOver: vi.fn(),
  noAccess: vi.fn(),
};

function connect() {
  const connection = new LiveConnection({
    open: () => {
      sockets.push(new FakeSocket());
      return sockets.at(-1) as unknown as WebSocket;
    },
    probe: async () => answer,
    events,
  });
  const stop = connection.start();
  stops.push(stop);
  return { connection, stop };
}

function newest(): FakeSocket {
  const socket = sockets.at(-1);
  if (!socket) throw new Error("no socket was opened");
  return socket;
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-25T12:03:04Z") });
  vi.clearAllMocks();
  sockets = [];
  answer = "reachable";
});
afterEach(() => {
  for (const stop of stops) stop();
  stops = [];
  vi.useRealTimers();
});

describe("following the journal", () => {
  test("the first pulse makes it live, and has everything fetched that was so before", () => {
    const { connection } = connect();
    expect(connection.state()).toEqual({ kind: "connecting" });
    newest().say(pulse("1.1"));
    expect(connection.state()).toEqual({ kind: "live" });
    expect(events.gap).toHaveBeenCalledOnce();
  });

  test("what follows on is no gap", () => {
    connect();
    newest().say(pulse("1.1"));
    newest().say(changes("1.1", "1.2"));
    newest().say(pulse("1.2"));
    expect(events.changes).toHaveBeenCalledOnce();
    expect(events.gap).toHaveBeenCalledOnce();
  });

  test("changes that start elsewhere are a gap", () => {
    connect();
    newest().say(pulse("1.1"));
    newest().say(changes("1.5", "1.6"));
    expect(events.gap).toHaveBeenCalledTimes(2);
    newest().say(changes("1.6", "1.7"));
    expect(events.gap).toHaveBeenCalledTimes(2);
  });

  test("a pulse that is elsewhere shows that the last changes were lost", () => {
    connect();
    newest().say(pulse("1.1"));
    newest().say(pulse("1.2"));
    expect(events.gap).toHaveBeenCalledTimes(2);
  });

  test("changes heard twice count once", () => {
    connect();
    newest().say(pulse("1.1"));
    newest().say(changes("1.1", "1.2"));
    newest().say(changes("1.1", "1.2"));
    expect(events.changes).toHaveBeenCalledOnce();
    expect(events.gap).toHaveBeenCalledOnce();
  });
});

describe("losing the server", () => {
  test("a closed socket is opened again, without a gap where nothing was missed", async () => {
    const { connection } = connect();
    newest().say(pulse("1.1"));
    answer = "unreachable";
    newest().onclose?.({ code: 1012 });
    expect(connection.state()).toEqual({ kind: "stale", heard: Date.now() });
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
    newest().say(pulse("1.1"));
    expect(connection.state()).toEqual({ kind: "live" });
    expect(events.gap).toHaveBeenCalledOnce();
  });

  test("what was missed meanwhile is a gap", async () => {
    connect();
    newest().say(pulse("1.1"));
    answer = "unreachable";
    newest().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(500);
    newest().say(pulse("1.9"));
    expect(events.gap).toHaveBeenCalledTimes(2);
  });

  test("without a pulse for five seconds the socket is given up", async () => {
    const { connection } = connect();
    newest().say(pulse("1.1"));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sockets[0]?.close).toHaveBeenCalledOnce();
    expect(connection.state().kind).toBe("stale");
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
  });

  test("a server that does not answer at all is told as such, since it was last heard", async () => {
    const { connection } = connect();
    newest().say(pulse("1.1"));
    const heard = Date.now();
    await vi.advanceTimersByTimeAsync(2_000);
    answer = "unreachable";
    newest().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(0);
    expect(connection.state()).toEqual({ kind: "offline", since: heard });
  });

  test("where only the socket fails, each attempt has data fetched", async () => {
    connect();
    newest().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(0);
    expect(events.gap).toHaveBeenCalledOnce();
  });

  test("the network's return is not waited out", () => {
    connect();
    newest().onclose?.({ code: 1006 });
    window.dispatchEvent(new Event("online"));
    expect(sockets).toHaveLength(2);
  });

  test("attempts grow rarer up to fifteen seconds, and are spread", () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    expect([0, 1, 2, 10].map(delay)).toEqual([500, 1_000, 2_000, 15_000]);
    vi.spyOn(Math, "random").mockReturnValue(0);
    expect(delay(10)).toBe(7_500);
  });
});

describe("ending", () => {
  test("a session that is over is told, and nothing is tried again", async () => {
    connect();
    newest().onclose?.({ code: 4401 });
    expect(events.sessionOver).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
  });

  test("a missing role is told, and nothing is tried again", async () => {
    connect();
    newest().onclose?.({ code: 4403 });
    expect(events.noAccess).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
  });

  test("paused it hears nothing, and catches up when resumed", async () => {
    const { connection } = connect();
    newest().say(pulse("1.1"));
    connection.pause();
    expect(connection.state()).toEqual({ kind: "paused", since: Date.now() });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    connection.resume();
    newest().say(pulse("1.9"));
    expect(events.gap).toHaveBeenCalledTimes(2);
  });

  test("once stopped it stays so", async () => {
    const { stop } = connect();
    stop();
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
  });
});
