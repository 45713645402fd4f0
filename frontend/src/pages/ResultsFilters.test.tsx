import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { DISCREPANCIES, DISCREPANCY_NAMES } from "../format/words";
import { shown } from "../testing/shown";
import { ResultsFilters } from "./ResultsFilters";

test("discrepancies are called as they are in the list, the costliest first", async () => {
  shown(<ResultsFilters search={{}} />);
  await userEvent.click(screen.getByRole("combobox", { name: "Discrepancy" }));
  const options = await screen.findAllByRole("option");
  expect(options.map((option) => option.textContent)).toEqual(
    DISCREPANCIES.map((discrepancy) => DISCREPANCY_NAMES[discrepancy]),
  );
});

test("a span of time from an old link is told, and can be cleared", () => {
  shown(<ResultsFilters search={{ since: "2026-11-25T12:00:00Z" }} />);
  expect(
    screen.getByRole("button", { name: "From 2026-11-25 12:00:00 UTC to now: clear" }),
  ).toBeInTheDocument();
});
