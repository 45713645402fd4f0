import { Button, MultiSelect, Select, TagsInput, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { FormEvent } from "react";
import type { Discrepancy, VerdictStatus } from "../api/generated";
import { exactUtc } from "../format/time";
import { DISCREPANCIES, DISCREPANCY_NAMES, VERDICT_NAMES } from "../format/words";
import { type ResultsSearch, Sort, type Span } from "../search/results";
import classes from "./ResultsFilters.module.css";

const SPAN_WORDS: Record<Span, string> = {
  "15m": "Last 15 minutes",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
};
const SORTS: Record<Sort, string> = {
  [Sort.newest]: "Newest first",
  [Sort.riskiest]: "Most at risk first",
};
/** The rails that are common; any other can be typed. */
const RAILS = ["UPI", "CARD", "BRANCH", "NEFT", "IMPS"];

/** Every one of them is in the address: what one sees can be shared. */
export function ResultsFilters({ search }: { search: ResultsSearch }) {
  const navigate = useNavigate({ from: "/results" });
  const change = (changed: { [K in keyof ResultsSearch]: ResultsSearch[K] | undefined }) => {
    const { cursor: _, ...kept } = search;
    const next = Object.entries({ ...kept, ...changed }).filter(([, value]) => isSet(value));
    void navigate({ search: Object.fromEntries(next), resetScroll: false });
  };
  const find = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const id = String(new FormData(event.currentTarget).get("transaction_id")).trim();
    change({ transaction_id: id });
  };
  return (
    <search className={classes.filters}>
      <form onSubmit={find}>
        <TextInput
          key={search.transaction_id}
          name="transaction_id"
          label="Transaction id"
          placeholder="begins with…"
          defaultValue={search.transaction_id}
          maxLength={64}
          spellCheck={false}
        />
      </form>
      <MultiSelect
        label="Status"
        placeholder={search.status ? undefined : "Any"}
        data={choices(VERDICT_NAMES)}
        value={search.status ?? []}
        onChange={(status) => change({ status: status as VerdictStatus[] })}
      />
      <MultiSelect
        label="Discrepancy"
        placeholder={search.discrepancy ? undefined : "Any"}
        data={DISCREPANCIES.map((value) => ({ value, label: DISCREPANCY_NAMES[value] }))}
        value={search.discrepancy ?? []}
        onChange={(discrepancy) => change({ discrepancy: discrepancy as Discrepancy[] })}
      />
      <TagsInput
        label="Channel"
        placeholder={search.channel ? undefined : "Any"}
        data={RAILS}
        value={search.channel ?? []}
        onChange={(channel) => change({ channel: channel.map(upper) })}
        maxTags={10}
        clearable
      />
      <TagsInput
        label="Currency"
        placeholder={search.currency ? undefined : "Any"}
        value={search.currency ?? []}
        onChange={(currency) => change({ currency: currency.map(upper) })}
        maxTags={10}
        clearable
      />
      <Select
        label="Updated"
        data={choices(SPAN_WORDS)}
        placeholder="At any time"
        value={search.last ?? null}
        onChange={(last) =>
          change({ last: (last as Span | null) ?? undefined, since: undefined, until: undefined })
        }
        clearable
      />
      <Select
        label="Order"
        data={choices(SORTS)}
        value={search.sort ?? Sort.newest}
        onChange={(sort) => change({ sort: sort === Sort.riskiest ? Sort.riskiest : undefined })}
        allowDeselect={false}
      />
      {(search.since || search.until) && (
        <Button variant="light" onClick={() => change({ since: undefined, until: undefined })}>
          {`From ${search.since ? exactUtc(search.since) : "the beginning"} to ${search.until ? exactUtc(search.until) : "now"}: clear`}
        </Button>
      )}
    </search>
  );
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function choices(words: Record<string, string>) {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}

function upper(text: string): string {
  return text.trim().toUpperCase();
}
