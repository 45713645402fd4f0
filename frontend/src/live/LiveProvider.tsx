import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  use,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import type { LiveState } from "./connection";
import { createLive, type Live } from "./live";

const LiveContext = createContext<Live | null>(null);

interface LiveProviderProps {
  path: string;
  noAccess: () => void;
  children: ReactNode;
}

/** Live as long as it is shown. */
export function LiveProvider({ path, noAccess, children }: LiveProviderProps) {
  const client = useQueryClient();
  const [live] = useState(() => createLive(client, path, noAccess));
  useEffect(() => live.connection.start(), [live]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = use(LiveContext);
  if (!live) throw new Error("useLive is for what is inside of LiveProvider");
  return live;
}

export function useLiveState(): LiveState {
  const { connection } = useLive();
  return useSyncExternalStore(connection.subscribe, connection.state);
}
