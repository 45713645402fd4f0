import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { aResult } from "../testing/rows";
import { shown } from "../testing/shown";
import { ResultsTable } from "./ResultsTable";

const ids = (...all: string[]) => all.map((id) => aResult({ transaction_id: id }));
const rowOf = (id: string) => screen.getByRole("link", { name: id }).closest("tr");

describe("ResultsTable", () => {
  it("links each row to its transaction, whatever its id", () => {
    shown(<ResultsTable results={ids("a/b?c#100%")} />);
    expect(screen.getByRole("link")).toHaveAttribute("href", "/transactions/a%2Fb%3Fc%23100%25");
  });

  it("marks what has come since, and nothing at first", () => {
    const { rerender } = shown(<ResultsTable results={ids("T-1", "T-2")} />);
    expect(rowOf("T-1")).not.toHaveAttribute("data-arrived");
    rerender(<ResultsTable results={ids("T-3", "T-1")} />);
    expect(rowOf("T-3")).toHaveAttribute("data-arrived");
    expect(rowOf("T-1")).not.toHaveAttribute("data-arrived");
  });

  it("marks nothing on a page of other rows", () => {
    const { rerender } = shown(<ResultsTable results={ids("T-1", "T-2")} />);
    rerender(<ResultsTable results={ids("T-8", "T-9")} />);
    expect(rowOf("T-8")).not.toHaveAttribute("data-arrived");
  });

  it("folds several discrepancies into one line", () => {
    const row = aResult({ discrepancies: ["ACCOUNT", "AMOUNT", "STATUS"] });
    shown(<ResultsTable results={[row]} />);
    expect(screen.getByText("3 fields: account, amount and status")).toBeInTheDocument();
  });
});
