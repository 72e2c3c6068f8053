"""Quality rules as values: what a rule says, alone or composed, and how DQDL writes it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from jobs.quality.language.conditions import Condition, quoted
from jobs.quality.language.rule_types import RULE_TYPES

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rule:
    """A rule: its type, what it is about, its condition, the share of rows that must meet it, and for which rows.

    parameters: columns as a rule; a SQL statement, a reference, a dataset or a pattern where its type says so
    An analyzer is a rule without a condition.
    """

    type: str
    parameters: tuple[str, ...] = ()
    condition: Condition | None = None
    threshold: Condition | None = None
    where: str | None = None
    labels: Labels = field(default=(), compare=False)
    line: int = field(default=1, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the data that it reads."""
        kind = RULE_TYPES[self.type].parameters
        if kind == "reference":
            return tuple(name.strip() for name in self.parameters[0].split(","))
        return self.parameters if kind == "columns" else ()

    @property
    def reference(self) -> tuple[str, tuple[str, ...]]:
        """The other dataset of ReferentialIntegrity and RowCountMatch by its alias, and the columns there."""
        alias, _, names = self.parameters[-1].rpartition("." if "{" not in self.parameters[-1] else ".{")
        return alias or names, tuple(name.strip() for name in names.rstrip("}").split(","))

    @property
    def text(self) -> str:
        """The rule in DQDL, spelled in one way, without its labels."""
        parts = [self.type, *map(quoted, self.parameters)]
        parts += [self.condition.text] if self.condition else []
        parts += [f"where {quoted(self.where)}"] if self.where is not None else []
        parts += [f"with threshold {self.threshold.text}"] if self.threshold else []
        return " ".join(parts)

    @property
    def rules(self) -> Iterator["Rule"]:
        """Itself: the rules of which it is composed."""
        yield self

    def resolved(self, past: Sequence[float], now: datetime) -> "Rule":
        """The rule with numbers and times in place of what depends on the run. Raises NoValueError."""
        condition = self.condition and self.condition.resolved(past, now)
        return replace(self, condition=condition, threshold=self.threshold and self.threshold.resolved(past, now))


@dataclass(frozen=True)
class Composite:
    """Rules joined by `and` or `or`; at least two."""

    operator: str
    parts: tuple["Rule | Composite", ...]
    labels: Labels = field(default=(), compare=False)
    line: int = field(default=1, compare=False)

    @property
    def text(self) -> str:
        """The rule in DQDL, spelled in one way, without its labels."""
        return f" {self.operator} ".join(f"({part.text})" for part in self.parts)

    @property
    def rules(self) -> Iterator[Rule]:
        """The rules of which it is composed."""
        for part in self.parts:
            yield from part.rules


AnyRule = Rule | Composite


@dataclass(frozen=True)
class Ruleset:
    """Rules and analyzers in the order in which they were written; at least one of both together."""

    rules: tuple[AnyRule, ...]
    analyzers: tuple[Rule, ...] = ()

    @property
    def text(self) -> str:
        """The ruleset in DQDL, one rule a line."""
        rules, analyzers = [_with_labels(rule) for rule in self.rules], [rule.text for rule in self.analyzers]
        return _section("Rules", rules) + _section("Analyzers", analyzers)

    @property
    def sha256(self) -> str:
        """Hash of what the ruleset says: comments and layout don't change it."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def _section(name: str, lines: Sequence[str]) -> str:
    return f"{name} = [\n    " + ",\n    ".join(lines) + "\n]\n" if lines else ""


def _with_labels(rule: AnyRule) -> str:
    if not rule.labels:
        return rule.text
    text = f"({rule.text})" if isinstance(rule, Composite) else rule.text
    return f"{text} labels = [{', '.join(f'{quoted(key)} = {quoted(value)}' for key, value in rule.labels)}]"
