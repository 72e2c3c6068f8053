"""Calls of the functions in the tables: their types by the signature, and DuckDB's text in their place."""

from itertools import count
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.annotate_types import TypeAnnotator

from lakebox.athena.dialect.functions.signatures import (
    Pattern,
    Signature,
    filled_pattern,
    matches,
    needs_cast,
    shown_types,
    signature,
)
from lakebox.athena.dialect.functions.tables.aggregates import AGGREGATES
from lakebox.athena.dialect.functions.tables.arrays import ARRAYS
from lakebox.athena.dialect.functions.tables.json_values import JSON
from lakebox.athena.dialect.functions.tables.maps import MAPS
from lakebox.athena.dialect.functions.tables.numbers import NUMBERS
from lakebox.athena.dialect.functions.tables.texts import TEXTS
from lakebox.athena.dialect.functions.tables.times import TIMES
from lakebox.athena.dialect.templates import filled
from lakebox.athena.dialect.types import cast_to
from lakebox.athena.engine import SqlError

Template = str | tuple[str, str]  # of an aggregate also what is made of its result
TABLES: dict[str, dict[str, Template]] = {
    "arrays": {**ARRAYS}, "maps": {**MAPS}, "text and bytes": {**TEXTS}, "numbers": {**NUMBERS}, "times": {**TIMES},
    "JSON": {**JSON}, "aggregates": {**AGGREGATES},
}  # fmt: skip
CALLS: dict[str, list[tuple[str, Template]]] = {}  # by name: signatures with DuckDB's texts
for _table in TABLES.values():
    for _text, _template in _table.items():
        CALLS.setdefault(_text.split("(")[0], []).append((_text, _template))
CALL, FINISH = "signature and types", "what is made of an aggregate"
DEEPEST_LAMBDA = 6  # the types of an inner lambda are worked out once for each outer one
NUMBER_OF_LAMBDA = count()


def functions_by_kind() -> dict[str, list[str]]:
    """The names of the functions in each table, as the docs list them."""
    return {kind: sorted({text.split("(")[0] for text in table}) for kind, table in TABLES.items()}


def name_of(node: exp.Expr) -> str:
    """The name of a function that is in the tables; empty for all else."""
    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    return name if name in CALLS else ""


def call_type(annotator: TypeAnnotator, node: exp.Anonymous) -> exp.Expr:
    """Set the type of a call, and those within its lambdas; raises SqlError where no signature takes its arguments."""
    for text, template in CALLS.get(name_of(node), ()):
        found = signature(text)
        patterns = found.expanded(len(node.expressions))
        bound: dict[str, exp.DataType] = {}
        if patterns is not None and _arguments_match(annotator, node, patterns, bound):
            node.meta[CALL] = (found, template, bound)
            return annotator._set_type(node, filled_pattern(found.result, bound))
    return annotator._set_type(node, exp.DType.UNKNOWN)


def _arguments_match(
    annotator: TypeAnnotator, node: exp.Anonymous, patterns: tuple[Pattern, ...], bound: dict[str, exp.DataType]
) -> bool:
    pairs = list(zip(patterns, node.expressions, strict=True))
    unknown = exp.DataType.build("UNKNOWN")
    for pattern, value in pairs:
        if isinstance(value, exp.Lambda) != (pattern.name == "->"):
            return False
        if pattern.name != "->" and not matches(pattern, value.type or unknown, bound):
            return False
    for pattern, value in pairs:
        if pattern.name == "->" and not _lambda_matches(annotator, value, pattern, bound):
            return False
    return True


def _lambda_matches(
    annotator: TypeAnnotator, value: exp.Expr, pattern: Pattern, bound: dict[str, exp.DataType]
) -> bool:
    *taken, result = pattern.inner
    depth, outer = 0, value.find_ancestor(exp.Lambda)
    while outer is not None:
        depth, outer = depth + 1, outer.find_ancestor(exp.Lambda)
    if depth > DEEPEST_LAMBDA:
        raise SqlError(f"lambdas within {depth} others are not supported by the embedded engine")
    if len(taken) != len(value.expressions):
        return False
    kinds = {name.name: filled_pattern(one, bound) for name, one in zip(value.expressions, taken, strict=True)}
    for inner in value.this.walk():
        if not isinstance(inner, exp.Column | exp.Identifier | exp.Literal | exp.DataType):
            annotator._visited.pop(id(inner), None)
            inner.type = None
    for use in _uses(value, kinds):
        annotator._set_type(use, kinds[use.name])
    annotator.annotate_expression(value.this)
    before = bound.get(result.name)
    found = value.this.type or exp.DataType.build("UNKNOWN")
    return matches(result, found, bound) and (before is None or before.is_type("null") or bound[result.name] == before)


def _uses(value: exp.Expr, names: Any) -> list[exp.Identifier]:
    """Where the body of a lambda names its parameters, those of inner lambdas left out."""
    uses: list[exp.Identifier] = []
    for node in value.this.walk():
        if not isinstance(node, exp.Identifier) or node.name not in names:
            continue
        is_field = isinstance(node.parent, exp.Dot) and node.arg_key == "expression"
        is_parameter = node.arg_key == "expressions" and isinstance(node.parent, exp.Lambda)
        if is_field or is_parameter or isinstance(node.parent, exp.Column | exp.ColumnDef):
            continue
        outer, hidden = node.parent, False
        while outer is not None and outer is not value:
            hidden = hidden or (
                isinstance(outer, exp.Lambda) and any(one.name == node.name for one in outer.expressions)
            )
            outer = outer.parent
        if not hidden:
            uses.append(node)
    return uses


def check_call(node: exp.Expr) -> None:
    """Raise SqlError where a call's arguments have other types than any signature."""
    if name_of(node) and CALL not in node.meta:
        known = " or ".join(text.split("):")[0] + ")" for text, _ in CALLS[name_of(node)])
        kinds = shown_types([None if isinstance(value, exp.Lambda) else value.type for value in node.expressions])
        raise SqlError(
            f"TYPE_MISMATCH: {name_of(node)}({kinds}) is not supported by the embedded engine; known: {known}"
        )


def mended_lambda(node: exp.Expr) -> exp.Expr:
    """A lambda whose parameters have names that no other lambda's have."""
    names = {name.name: f"{name.name}_{next(NUMBER_OF_LAMBDA)}" for name in node.expressions}
    for use in _uses(node, names):
        use.set("this", names[use.name])
        use.set("quoted", True)
    for name in node.expressions:
        name.set("this", names[name.name])
        name.set("quoted", True)
    node.set("colon", True)
    return node


def mended_call(node: exp.Expr) -> exp.Expr | None:
    """DuckDB's text of a call."""
    if CALL not in node.meta:
        return None
    found, template, bound = node.meta[CALL]
    arguments = _cast_arguments(node, found, bound)
    body, finish = (template, None) if isinstance(template, str) else template
    if finish and "_2" in finish and arguments[1].find(exp.Column):
        raise SqlError(f"{found.name} takes a constant as its second argument here")
    value = filled(body, arguments)
    kind = node.type
    if finish is None:
        is_number = kind is not None and kind.is_type("bigint", "int", "double", "decimal")
        return cast_to(value, kind, copy=False) if is_number and kind is not None else value
    value.meta[FINISH] = (finish, arguments)
    return value


def _cast_arguments(node: exp.Expr, found: Signature, bound: dict[str, exp.DataType]) -> list[exp.Expr]:
    patterns = found.expanded(len(node.expressions)) or ()
    arguments = []
    for pattern, value in zip(patterns, node.expressions, strict=True):
        kind = None if pattern.name == "->" else filled_pattern(pattern, bound)
        arguments.append(cast_to(value, kind) if kind is not None and needs_cast(value.type, kind) else value)
    return arguments
