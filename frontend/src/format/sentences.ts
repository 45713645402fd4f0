/** A discrepancy in a sentence: the differing field, with what each source says of it. */

import type { Discrepancy, ResultDetails } from "../api/generated";
import { formatAmount, formatMoney, isDecimal } from "./money";
import { clockUtc, dateUtc, duration } from "./time";
import { discrepancyName, eventStatusName, isDiscrepancy, listed, SOURCES } from "./words";

type Values = readonly (readonly [source: string, value: string])[];
type Sentence = (finding: Finding, currency: string) => string | null;

/** A finding as it is stored; nothing of it is believed before it is looked at. */
type Finding = Readonly<Record<string, unknown>>;

interface Posting {
  status: string;
  amount: string;
  currency: string;
  occurredAt: string;
}

const SENTENCES: Record<Discrepancy, Sentence> = {
  ACCOUNT: (finding) => ofValues("Account", finding, String),
  AMOUNT: amount,
  CURRENCY: (finding) => ofValues("Currency", finding, String),
  DUPLICATE: duplicate,
  MISSING_CORE: () => "Missing: core has not told",
  MISSING_GATEWAY: () => "Missing: gateway has not told",
  MISSING_MOBILE: () => "Missing: mobile has not told",
  STATUS: (finding) => ofValues("Status", finding, eventStatusName),
  TIMESTAMP: timestamp,
  UNRESOLVED: unresolved,
};

/** Of a shape that is not known only the discrepancy's name is told. */
export function sentence(discrepancy: string, details: ResultDetails, currency: string): string {
  const finding: unknown = details[discrepancy];
  if (!isDiscrepancy(discrepancy) || !isRecord(finding)) {
    return discrepancyName(discrepancy);
  }
  return SENTENCES[discrepancy](finding, currency) ?? discrepancyName(discrepancy);
}

function amount(finding: Finding, currency: string): string | null {
  const { difference } = finding;
  if (typeof difference !== "string" || !isDecimal(difference)) {
    return ofValues("Amount", finding, (value) => formatAmount(value, currency));
  }
  const lead = `Amount differs by ${formatMoney(difference, currency)}`;
  return ofValues(lead, finding, (value) => formatAmount(value, currency)) ?? lead;
}

function timestamp(finding: Finding): string | null {
  const seconds = Number(finding.difference);
  if (typeof finding.difference !== "string" || !Number.isFinite(seconds)) {
    return null;
  }
  const lead = `Time differs by ${duration(seconds)}`;
  const values = valuesOf(finding);
  if (!values?.every(([, at]) => isTime(at))) {
    return lead;
  }
  const oneDay = new Set(values.map(([, at]) => dateUtc(at))).size === 1;
  const shown = (at: string) => (oneDay ? clockUtc(at) : `${dateUtc(at)} ${clockUtc(at)}`);
  return `${lead}: ${grouped(values, shown)} UTC`;
}

function unresolved(finding: Finding): string | null {
  const values = valuesOf(finding);
  return values && `Unresolved: ${listed(values.map(([source]) => source))} still pending`;
}

/** A second posting, or one event id for two contents. */
function duplicate(finding: Finding): string | null {
  if (!isRecord(finding.values)) {
    return null;
  }
  const told = SOURCES.flatMap((source) => {
    const postings = postingsOf(isRecord(finding.values) ? finding.values[source] : null);
    return postings.length ? [`${source} ${postings.map(posted).join(" and ")}`] : [];
  });
  if (!told.length) {
    return null;
  }
  const lead = finding.extra_postings === 0 ? "One event id for two contents" : "Posted twice";
  return `${lead}: ${told.join("; ")}`;
}

function posted({ status, amount, currency, occurredAt }: Posting): string {
  return `${formatMoney(amount, currency)} ${eventStatusName(status)} at ${clockUtc(occurredAt)}`;
}

function postingsOf(told: unknown): Posting[] {
  if (!Array.isArray(told)) {
    return [];
  }
  return told.flatMap((posting: unknown) => {
    if (!isRecord(posting)) {
      return [];
    }
    const { status, amount, currency, occurred_at: occurredAt } = posting;
    return isText(status) && isText(amount) && isText(currency) && isTime(occurredAt)
      ? [{ status, amount, currency, occurredAt }]
      : [];
  });
}

function ofValues(lead: string, finding: Finding, show: (value: string) => string): string | null {
  const values = valuesOf(finding);
  return values && `${lead}: ${grouped(values, show)}`;
}

/** "core and mobile 1,000.00, gateway 1,012.50": sources of one mind are named together. */
function grouped(values: Values, show: (value: string) => string): string {
  const sourcesByValue = new Map<string, string[]>();
  for (const [source, value] of values) {
    const shown = show(value);
    sourcesByValue.set(shown, [...(sourcesByValue.get(shown) ?? []), source]);
  }
  return [...sourcesByValue].map(([shown, sources]) => `${listed(sources)} ${shown}`).join(", ");
}

/** What each source says, in the order of the sources; null unless at least one says something. */
function valuesOf(finding: Finding): Values | null {
  const { values } = finding;
  if (!isRecord(values)) {
    return null;
  }
  const told = SOURCES.flatMap((source) => {
    const value = values[source];
    return isText(value) ? [[source, value] as const] : [];
  });
  return told.length ? told : null;
}

function isRecord(value: unknown): value is Finding {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTime(value: unknown): value is string {
  return isText(value) && !Number.isNaN(Date.parse(value));
}
