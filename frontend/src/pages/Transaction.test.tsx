import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { TransactionDetail } from "../api/generated";
import { opened } from "../testing/opened";
import { aResult } from "../testing/rows";

const IN_FLIGHT: TransactionDetail = {
  ...aResult({ status: "in_flight", discrepancies: [], revision: 0, decided_at: null }),
  legs: { core: null, gateway: null, mobile: null },
  expected: ["core"],
  waits: { core: "2026-11-25T12:01:00.000000Z" },
  events: [],
  history: [],
  earlier_events: 0,
};

test("one without a verdict says so", async () => {
  opened("/transactions/T-1", { "GET /api/v1/results/T-1": () => Response.json(IN_FLIGHT) });
  expect(await screen.findByText("No verdict yet")).toBeInTheDocument();
});

test("of very many events it says how many are left out", async () => {
  const flooded = { ...IN_FLIGHT, earlier_events: 1200 };
  opened("/transactions/T-1", { "GET /api/v1/results/T-1": () => Response.json(flooded) });
  expect(await screen.findByText("1,200 earlier events left out")).toBeInTheDocument();
});

test("one that nobody has told of says so", async () => {
  const problem = { type: "about:blank", title: "Not found", status: 404, detail: "" };
  const headers = { "Content-Type": "application/problem+json" };
  opened("/transactions/T-1", {
    "GET /api/v1/results/T-1": () => Response.json(problem, { status: 404, headers }),
  });
  expect(await screen.findByText("There is no such transaction")).toBeInTheDocument();
});
