import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { cleanup, render } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { createQueryClient } from "../api/client";
import type { Config, Me } from "../api/generated";
import { createAppRouter } from "../routes";

export const ME: Me = {
  username: "viewer",
  name: "Viewer",
  roles: ["viewer"],
  staff: false,
  session_expires_at: "2026-11-26T00:00:00Z",
};
const CONFIG: Config = {
  version: "0.1.0",
  sign_in: "local",
  time_zone: "UTC",
  csrf_cookie: "csrftoken",
  csrf_header: "X-CSRFToken",
  live_path: "/ws/live/",
};

/** By method and path. */
export type Answers = Record<string, () => Response>;

/** The whole dashboard at an address, with answers in place of the server's; never live. */
export function opened(path: string, answers: Answers) {
  const all: Answers = {
    "GET /api/v1/me": () => Response.json(ME),
    "GET /api/v1/config": () => Response.json(CONFIG),
    ...answers,
  };
  vi.stubGlobal(
    "WebSocket",
    class {
      close() {}
    },
  );
  vi.stubGlobal("fetch", async (url: string, { method = "GET" }: RequestInit = {}) => {
    const answer = all[`${method} ${url.split("?")[0]}`];
    if (!answer) throw new TypeError("nobody answers");
    return answer();
  });
  const client = createQueryClient();
  const router = createAppRouter(client);
  router.update({ ...router.options, history: createMemoryHistory({ initialEntries: [path] }) });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { router };
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
