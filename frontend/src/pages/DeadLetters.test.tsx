import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Me } from "../api/generated";
import { ME, opened } from "../testing/opened";

const NONE = { "GET /api/v1/dead-letters": () => Response.json({ next: null, results: [] }) };

test.each<[Me["roles"][number], string]>([
  ["admin", "Replay in the administration"],
  ["compliance", "See in the administration"],
])("%s is led to the administration to %s", async (role, words) => {
  const me = { ...ME, roles: [role], staff: true };
  opened("/dead-letters", { ...NONE, "GET /api/v1/me": () => Response.json(me) });
  expect(await screen.findByRole("link", { name: words })).toBeInTheDocument();
});
