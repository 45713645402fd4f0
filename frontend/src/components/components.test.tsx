import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { Discrepancy, EventStatus, type Source, VerdictStatus } from "../api/generated";
import { anHour, aSummary } from "../testing/rows";
import { shown } from "../testing/shown";
import { ErrorState } from "./ErrorState";
import { delayInWords } from "./EventList";
import { LOOKS } from "./looks";
import { MismatchChart } from "./MismatchChart";
import { Money } from "./Money";
import { NewRowsBar } from "./NewRowsBar";
import { RevisionHistory } from "./RevisionHistory";
import { SourceList } from "./SourceList";
import { EVENT_STATUS_LOOKS, StatusBadge, VERDICT_LOOKS } from "./StatusBadge";
import { matchRate, SummaryTiles } from "./SummaryTiles";

describe("maps", () => {
  it("give each discrepancy a look that no other has", () => {
    const looks = Object.values(Discrepancy).map((name) => JSON.stringify(LOOKS[name]));
    expect(new Set(looks).size).toBe(looks.length);
  });

  it("have every status, with a sign of its own", () => {
    expect(Object.keys(VERDICT_LOOKS).sort()).toEqual(Object.values(VerdictStatus).sort());
    expect(Object.keys(EVENT_STATUS_LOOKS).sort()).toEqual(Object.values(EventStatus).sort());
    const signs = Object.values(VERDICT_LOOKS).map(({ glyph }) => glyph);
    expect(new Set(signs).size).toBe(signs.length);
  });
});

describe("components", () => {
  it("say a verdict in words", () => {
    shown(<StatusBadge status="in_flight" />);
    expect(screen.getByText("In flight")).toBeInTheDocument();
  });

  it("read out the exact amount where a short one is shown", () => {
    shown(<Money amount="1250.5000" currency="INR" compact />);
    expect(screen.getByText("1,250.50 INR").closest("[title]")).toHaveTextContent("1.2k INR");
  });

  it("tell the match rate, and that of nothing not at all", () => {
    expect([matchRate(100, 2), matchRate(99_999, 1), matchRate(5, 0), matchRate(0, 0)]).toEqual([
      "98.0 %",
      "99.9 %",
      "100.0 %",
      null,
    ]);
  });

  it("show the figures of a summary", () => {
    shown(<SummaryTiles summary={{ ...aSummary("1"), in_flight: 1284 }} />);
    expect(screen.getByText("1.2k")).toBeInTheDocument();
    expect(screen.getByText("1,284")).toBeInTheDocument();
    expect(screen.getByText("120.00 INR")).toBeInTheDocument();
  });

  it("let many amounts at risk scroll, by the keyboard, too", () => {
    const amount_at_risk = ["AED", "AFN", "ALL", "AMD"].map((currency) => ({
      currency,
      amount: "1.0000",
    }));
    shown(<SummaryTiles summary={{ ...aSummary("1"), amount_at_risk }} />);
    expect(screen.getByRole("region", { name: "Amounts at risk" })).toHaveAttribute(
      "tabindex",
      "0",
    );
  });

  it("say what an hour without mismatches is", () => {
    shown(<MismatchChart timeseries={anHour(600)} />);
    expect(screen.getByText("No mismatches in this hour")).toBeInTheDocument();
  });

  it("show a source that was never read", () => {
    const source: Source = {
      source: "core",
      topic: "core_txns",
      records: 0,
      dead_letters: 0,
      last_record_at: null,
      read_until: null,
      lag_seconds: null,
    };
    shown(<SourceList sources={[source]} />);
    expect(screen.getByText("Never read")).toBeInTheDocument();
  });

  it("show the newest verdict on top", () => {
    const first = {
      revision: 1,
      status: "mismatched" as const,
      discrepancies: ["AMOUNT" as const],
      amount_at_risk: "12.5000",
      rule_set: 1,
      cause: "core_txns/0/7",
      at: "2026-11-25T12:00:00.000000Z",
    };
    const healed = { ...first, revision: 2, status: "matched" as const, discrepancies: [] };
    shown(<RevisionHistory history={[first, healed]} currency="INR" />);
    const [top] = screen.getAllByRole("listitem");
    expect(top).toHaveTextContent("Healed: all legs agree");
  });

  it("say a clock that runs ahead", () => {
    const at = "2026-11-25T12:00:00.000000Z";
    expect(delayInWords({ occurred_at: at, received_at: "2026-11-25T12:00:00.800000Z" })).toBe(
      "0.8 s after it happened",
    );
    expect(delayInWords({ occurred_at: at, received_at: "2026-11-25T11:59:58.000000Z" })).toBe(
      "2 s before it happened, by its source's clock",
    );
  });

  it("let one try again, and show what waits", async () => {
    const again = vi.fn();
    const show = vi.fn();
    shown(
      <>
        <ErrorState error={new Error("The server cannot be reached.")} onRetry={again} />
        <NewRowsBar count={12} exact onShow={show} />
      </>,
    );
    expect(screen.getByRole("alert")).toHaveTextContent("The server cannot be reached.");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await userEvent.click(screen.getByRole("button", { name: /12 new/ }));
    expect([again, show].map((each) => each.mock.calls.length)).toEqual([1, 1]);
  });

  it("keep the place of new rows where there are none", () => {
    shown(<NewRowsBar count={0} exact onShow={() => {}} />);
    expect(screen.getByRole("status")).toBeEmptyDOMElement();
  });
});
