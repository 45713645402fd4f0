import { MantineProvider } from "@mantine/core";
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterContextProvider,
} from "@tanstack/react-router";
import { cleanup, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach } from "vitest";

afterEach(cleanup);

/** Renders within the theme and a router that goes nowhere. */
export function shown(element: ReactNode) {
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  return render(element, {
    wrapper: ({ children }) => (
      <MantineProvider env="test">
        <RouterContextProvider router={router}>{children}</RouterContextProvider>
      </MantineProvider>
    ),
  });
}
