"""Rule sets from YAML: the document of `rules`, or every line that is wrong.

The file is read as YAML's nodes rather than as values. So each complaint has
its line, a key that is named twice is seen, and a number is what was written:
0.01 never passes through a float, 1:30 is not the ninety of YAML 1.1, and the
currency or channel NO is not a boolean.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import yaml

from reconciliation.events import Source
from reconciliation.rules import RULE_KEYS, Rules, normalised

LONGEST = 30 * 24 * 60 * 60

_NULL = "tag:yaml.org,2002:null"
_CHANNEL = re.compile(r"[A-Z0-9_]{1,16}")
_CURRENCY = re.compile(r"[A-Z]{3}")
# Without leading zeros: YAML 1.1 reads them as octal.
_WHOLE = re.compile(r"0|[1-9][0-9]{0,14}")
_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,4})?")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in one line of a rule file, and what is allowed there."""

    line: int
    sentence: str


class RulesNeedCorrection(Exception):
    """The file's author has to correct these lines; all of them are told at once."""

    def __init__(self, name: str, problems: Collection[Problem]) -> None:
        self.name = name
        self.problems = sorted(problems)
        super().__init__(
            "\n".join(f"{name}:{problem.line}: {problem.sentence}" for problem in self.problems)
        )


def parse_rules(text: str, *, name: str, base: Rules, feed_silence: int) -> dict[str, Any]:
    """The normalised document of a rule file.

    `base` stands for what the file's default does not name. Match windows must
    be longer than `feed_silence` seconds (0: the feed guard is off). Raises
    `RulesNeedCorrection`, in which `name` is the file's.
    """
    reader = _Reader(shortest_match_window=feed_silence + 1)
    document = reader.rule_set(_Field("the file", 1, _compose(text, name)), base.to_document())
    if reader.problems:
        raise RulesNeedCorrection(name, reader.problems)
    return normalised(document)


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = ", ".join(part for part in (error.context, error.problem) if part)
        problem = Problem(mark.line + 1 if mark else 1, f"this is not YAML: {why}")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = Problem(line, f"this is not YAML: the character U+{error.character:04X}")
    raise RulesNeedCorrection(name, [problem])


@dataclass(frozen=True, slots=True)
class _Field:
    """A key of the file, its line and its value."""

    name: str
    line: int
    value: yaml.Node | None


class _Reader:
    """Reads on after a mistake, and keeps the problems.

    What it returns is a document only as long as there is none.
    """

    def __init__(self, *, shortest_match_window: int) -> None:
        self.shortest_match_window = shortest_match_window
        self.problems: list[Problem] = []

    def rule_set(self, file: _Field, base: Mapping[str, Any]) -> dict[str, Any]:
        parts = self.fields(file, known=("default", "channels"))
        if not parts and not self.problems:
            self.complain(file.line, "the file says nothing; allowed are default and channels")
        default = parts.get("default", file)
        named = self.rules(default) if "default" in parts else {}
        if "match_window" not in named and base["match_window"] < self.shortest_match_window:
            self.complain(
                default.line,
                f"default needs a match_window: that of the settings, {base['match_window']}, "
                "is not longer than RECON_FEED_SILENCE",
            )
        channels = self.fields(parts["channels"]).values() if "channels" in parts else ()
        return {
            "default": {**base, **named},
            "channels": {channel.name: self.channel(channel) for channel in channels},
        }

    def channel(self, field: _Field) -> dict[str, Any]:
        if not _CHANNEL.fullmatch(field.name):
            upper = field.name.upper()
            hint = f"; did you mean {upper}?" if _CHANNEL.fullmatch(upper) else ""
            self.complain(
                field.line,
                f"{_shown(field.name)} cannot be a channel; "
                f"allowed are 1 to 16 characters of A-Z, 0-9 and _{hint}",
            )
        return self.rules(field)

    def rules(self, field: _Field) -> dict[str, Any]:
        readers = {
            "expected": self.expected,
            "match_window": self.match_window,
            "pending_window": self.pending_window,
            "timestamp_tolerance": self.timestamp_tolerance,
            "amount_tolerance": self.amount_tolerance,
        }
        return {
            name: readers[name](entry)
            for name, entry in self.fields(field, known=RULE_KEYS).items()
        }

    def expected(self, field: _Field) -> list[str]:
        labels = [str(label) for label in Source.labels]
        allowed = f"allowed is a list of some of {', '.join(labels)}"
        items = field.value.value if isinstance(field.value, yaml.SequenceNode) else []
        if not items:
            self.complain(field.line, f"expected is {_described(field.value)}; {allowed}")
        expected: list[str] = []
        for item in items:
            source = _scalar(item)
            if source in expected:
                self.complain(_line(item), f"expected names {source} twice; once is enough")
            elif source not in labels:
                self.complain(
                    _line(item),
                    f"expected has {_described(item)}; {allowed}{_did_you_mean(source, labels)}",
                )
            else:
                expected.append(source)
        return expected

    def match_window(self, field: _Field) -> int:
        why = " (longer than RECON_FEED_SILENCE)" if self.shortest_match_window > 1 else ""
        return self.seconds(field, self.shortest_match_window, why)

    def pending_window(self, field: _Field) -> int:
        return self.seconds(field, 1)

    def seconds(self, field: _Field, shortest: int, why: str = "") -> int:
        text = _scalar(field.value)
        if _WHOLE.fullmatch(text) and shortest <= int(text) <= LONGEST:
            return int(text)
        self.complain(
            field.line,
            f"{field.name} is {_described(field.value)}; "
            f"allowed are whole seconds from {shortest}{why} to {LONGEST} (30 days)",
        )
        return shortest

    def timestamp_tolerance(self, field: _Field) -> str:
        return self.decimal(field, f"seconds from 0 to {LONGEST} (30 days)", at_most=LONGEST)

    def amount_tolerance(self, field: _Field) -> str | dict[str, str]:
        if not isinstance(field.value, yaml.MappingNode):
            return self.amount(field)
        tolerances = {"default": "0"}
        for currency, entry in self.fields(field).items():
            if currency != "default" and not _CURRENCY.fullmatch(currency):
                self.complain(
                    entry.line,
                    f"{_shown(currency)} cannot be a currency; "
                    "allowed are default and codes of three letters A-Z",
                )
            tolerances[currency] = self.amount(entry)
        return tolerances

    def amount(self, field: _Field) -> str:
        return self.decimal(field, "units of the currency from 0 to below 10^15", at_most=10**15)

    def decimal(self, field: _Field, range_: str, *, at_most: int) -> str:
        text = _scalar(field.value)
        if _DECIMAL.fullmatch(text) and Decimal(text) <= at_most:
            return text
        self.complain(
            field.line,
            f"{field.name} is {_described(field.value)}; "
            f"allowed are {range_}, with at most 4 decimals",
        )
        return "0"

    def fields(self, field: _Field, known: Sequence[str] = ()) -> dict[str, _Field]:
        """The entries of a map, by key; only the `known` ones where these are given."""
        if field.value is None or field.value.tag == _NULL:
            return {}
        if not isinstance(field.value, yaml.MappingNode):
            self.complain(
                field.line, f"{field.name} is {_described(field.value)} and must be a map"
            )
            return {}
        fields: dict[str, _Field] = {}
        for key, value in field.value.value:
            name, line = _scalar(key), _line(key)
            if name in fields:
                first = fields[name].line
                self.complain(line, f"{_shown(name)} is named twice, first in line {first}")
            elif known and name not in known:
                self.complain(
                    line,
                    f"{_described(key)} is not a key of {field.name}; "
                    f"allowed are {', '.join(known)}{_did_you_mean(name, known)}",
                )
            else:
                fields[name] = _Field(name, line, value)
        return fields

    def complain(self, line: int, sentence: str) -> None:
        self.problems.append(Problem(line, sentence))


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _scalar(node: yaml.Node | None) -> str:
    """The text as written, whatever YAML takes it for; of a list or a map, none."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _described(node: yaml.Node | None) -> str:
    if isinstance(node, yaml.SequenceNode):
        return "a list" if node.value else "an empty list"
    if isinstance(node, yaml.MappingNode):
        return "a map"
    return _shown(_scalar(node)) if _scalar(node) else "empty"


def _shown(text: str) -> str:
    return text if text and text.isprintable() and len(text) <= 40 else ascii(text[:40])


def _did_you_mean(word: str, allowed: Sequence[str]) -> str:
    close = get_close_matches(word.lower(), allowed, n=1)
    return f"; did you mean {close[0]}?" if close else ""
