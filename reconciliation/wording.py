"""Verdicts said in words, for people who read one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reconciliation.events import Source

LABELS = {source.value: source.label for source in Source}


def exact_utc(at: datetime | str | None) -> str:
    """To the microsecond, `2026-11-25 12:03:04.123456 UTC`; a dash for none."""
    if at is None:
        return "-"
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def in_words(discrepancy: str, finding: Mapping[str, Any], currency: str) -> str:
    """One sentence about a discrepancy; `finding` is what a result's `details` hold of it."""
    values: Mapping[str, Any] = finding.get("values", {})
    told = ", ".join(f"{source} {value}" for source, value in values.items())
    match discrepancy:
        case "AMOUNT":
            return f"The amounts{_apart(finding, currency)}: {told} {currency}."
        case "CURRENCY":
            return f"The currencies differ: {told}."
        case "ACCOUNT":
            return f"The accounts differ: {told}."
        case "STATUS":
            return f"What became of the money is told differently: {told}."
        case "TIMESTAMP":
            times = ", ".join(f"{source} {_time(value)}" for source, value in values.items())
            return f"The times{_apart(finding, 'seconds')}: {times}."
        case "DUPLICATE":
            return _duplicate(finding, values)
        case "UNRESOLVED":
            return f"Nobody has told an outcome within the pending window: {told}."
    source = LABELS[discrepancy.removeprefix("MISSING_")]
    due = f"; it was due at {exact_utc(finding['due'])}" if "due" in finding else ""
    return f"Money moved, but {source} has told nothing{due}."


def _apart(finding: Mapping[str, Any], unit: str) -> str:
    if "difference" not in finding:
        return " differ"
    return f" differ by {finding['difference']} {unit} ({finding['tolerance']} are tolerated)"


def _duplicate(finding: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    sentences = []
    for source, contents in values.items():
        postings = "; ".join(
            f"{content['status']} {content['amount']} {content['currency']}"
            f" at {_time(content['occurred_at'])}"
            for content in contents
        )
        sentences.append(f"{source} has told more than one content: {postings}.")
    extra = finding.get("extra_postings", 0)
    return " ".join([*sentences, f"Postings beyond the first: {extra}."])


def _time(value: Any) -> str:
    """Values of details are JSON, where a time is text; one that is no time stays as it is."""
    try:
        return exact_utc(value)
    except ValueError:
        return str(value)
