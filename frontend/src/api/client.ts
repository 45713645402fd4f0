import { QueryClient } from "@tanstack/react-query";
import { ProblemError } from "./problems";

const TRIES = 3;

/** What the server has refused once it refuses again: only its own faults are tried anew. */
export function worthRetrying(failures: number, error: Error): boolean {
  if (error instanceof ProblemError && error.status < 500) return false;
  return failures < TRIES;
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The live connection keeps data fresh, and has it fetched again after a gap.
        staleTime: 30_000,
        retryOnMount: false,
        retry: worthRetrying,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 4_000),
        // A lost network is told as an error, not waited for in silence.
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
