"""Reads one rule or analyzer from its tokens, composed ones too."""

from dataclasses import replace

from jobs.quality.language.condition_reader import condition_of
from jobs.quality.language.rule_types import REFUSED, RULE_TYPES, RuleType
from jobs.quality.language.rules import AnyRule, Composite, Labels, Rule
from jobs.quality.language.tokens import Reader, string_of

NO_PARAMETER = ("between", "not", "in", "matches", "where", "labels", "with", "and", "AND", "or", "OR")
CONNECTORS = ("of", "OF")
MOST_LABELS, LONGEST_KEY, LONGEST_VALUE = 10, 128, 256
PARAMETERS = {"columns": "column", "statement": "SQL statement", "reference": "column list", "dataset": "dataset"}
PARAMETERS |= {"pattern": "pattern"}


def rule_of(reader: Reader, defaults: Labels) -> AnyRule:
    """The rule that all tokens are; `and` binds its neighbours before `or` does. defaults: labels of all rules."""
    rule = _joined(reader, "or", defaults)
    if reader.peek():
        raise reader.error(f"{reader.peek()} is not expected there{_hint(reader, rule)}")
    return rule


def analyzer_of(reader: Reader) -> Rule:
    """The analyzer that all tokens are."""
    name, kind = _type_of(reader, "analyzer")
    analyzer = Rule(name, _parameters(reader, name, kind), line=reader.tokens[0].line)
    if reader.peek():
        raise reader.error(f"{reader.peek()} is not expected there: an analyzer has no condition")
    return analyzer


def labels_of(reader: Reader) -> Labels:
    """Labels, from the opening bracket on."""
    reader.expect("[", 'labels are written labels = ["team" = "finance"]')
    labels: dict[str, str] = {}
    while not reader.accept("]"):
        if labels:
            reader.expect(",", f"{reader.peek() or 'the end'} stands where `,` or `]` ends a label")
        key = _string(reader, "a label")
        reader.expect("=", 'a label is written "team" = "finance"')
        labels[key] = _string(reader, "a label")
        if not 0 < len(key) <= LONGEST_KEY or len(labels[key]) > LONGEST_VALUE:
            raise reader.error(f"a label has 1 to {LONGEST_KEY} characters, its value at most {LONGEST_VALUE}")
    if len(labels) > MOST_LABELS:
        raise reader.error(f"a rule has at most {MOST_LABELS} labels, not {len(labels)}")
    return tuple(labels.items())


def _joined(reader: Reader, operator: str, defaults: Labels) -> AnyRule:
    line = reader.tokens[min(reader.position, len(reader.tokens) - 1)].line
    parts = [_part(reader, operator, defaults)]
    while reader.accept(operator) or reader.accept(operator.upper()):
        parts.append(_part(reader, operator, defaults))
    if len(parts) == 1:
        return parts[0]
    labels = {key: value for part in parts for key, value in part.labels}  # the last part's are the whole rule's, too
    return Composite(operator, tuple(parts), tuple(labels.items()), line)


def _part(reader: Reader, operator: str, defaults: Labels) -> AnyRule:
    if operator == "or":
        return _joined(reader, "and", defaults)
    if not reader.accept("("):
        return _single(reader, defaults)
    rule = _joined(reader, "or", defaults)
    reader.expect(")", f"{reader.peek() or 'the end'} stands where `)` ends a rule{_hint(reader, rule)}")
    if reader.peek() != "labels":
        return rule
    return replace(rule, labels=_own_labels(reader, defaults))


def _single(reader: Reader, defaults: Labels) -> Rule:
    line = reader.tokens[min(reader.position, len(reader.tokens) - 1)].line
    name, kind = _type_of(reader, "rule")
    parameters = _parameters(reader, name, kind)
    condition = None
    if kind.compares != "nothing" and not (
        kind.compares == "a number or nothing" and reader.peek() in ("", ")", "with", "labels", "and", "or")
    ):
        condition = condition_of(reader, name, kind.compares, looks_back=kind.looks_back)
    where, threshold, labels = None, None, defaults
    while reader.peek() in ("where", "with", "labels"):
        if reader.peek() == "labels":
            labels = _own_labels(reader, defaults)
        elif reader.accept("where"):
            if not kind.takes_where:
                raise reader.error(f"{name} takes no `where`: it is about the table as a whole")
            where = _string(reader, "a where clause")
        elif kind.takes_threshold and (condition is None or name != "CustomSql") and reader.accept("with", "threshold"):
            threshold = condition_of(reader, "a threshold", "a number", looks_back=True)
        else:
            text = "the only `with` clause that is supported is `with threshold`, for ColumnValues, ColumnDataType"
            raise reader.error(f"{text} and CustomSql without a condition")
    return Rule(name, parameters, condition, threshold, where, labels, line)


def _own_labels(reader: Reader, defaults: Labels) -> Labels:
    reader.take()
    reader.expect("=", 'labels are written labels = ["team" = "finance"]')
    return tuple((dict(defaults) | dict(labels_of(reader))).items())


def _type_of(reader: Reader, what: str) -> tuple[str, RuleType]:
    name = reader.peek()
    kind = RULE_TYPES.get(name)
    if name in REFUSED:
        raise reader.error(f"rule type {name} is not supported by lakebox: {REFUSED[name]}")
    supported = [name for name, kind in RULE_TYPES.items() if (kind.is_rule if what == "rule" else kind.is_analyzer)]
    if kind is None or name not in supported:
        raise reader.error(f"{what} type {name or 'nothing'} is not supported; supported: {', '.join(supported)}")
    reader.take()
    return name, kind


def _parameters(reader: Reader, name: str, kind: RuleType) -> tuple[str, ...]:
    parameters: list[str] = []
    while reader.next_is("string") or reader.next_is("word"):
        joins = reader.peek() in CONNECTORS or (reader.peek() in ("and", "AND") and len(parameters) < kind.fewest)
        if joins and reader.peek(1):
            reader.take()  # `ColumnCorrelation of a and b`
        elif reader.peek() in NO_PARAMETER:
            break
        token = reader.take()
        raw = kind.parameters in ("pattern", "columns")
        text = token.text[1:-1] if raw else string_of(token)
        parameters.append(text if token.kind == "string" else token.text)
    if not kind.fewest <= len(parameters) <= kind.most:
        fewest = {0: "no", 1: "one", 2: "two"}[kind.fewest]
        wanted = f"{fewest} {PARAMETERS[kind.parameters]}{'s' if kind.fewest == 2 else ''}"
        raise reader.error(f"{name} takes {'at least ' if kind.most > 2 else ''}{wanted}, not {len(parameters)}")
    if kind.parameters == "reference" and ("." not in parameters[1] or _widths_differ(parameters)):
        raise reader.error(f'{name} is written {name} "city,state" "reference.{{city,state}}" = 1.0')
    return tuple(parameters)


def _widths_differ(parameters: list[str]) -> bool:
    return parameters[0].count(",") != parameters[1].count(",")


def _string(reader: Reader, what: str) -> str:
    if not reader.next_is("string"):
        raise reader.error(f"{what} is written in double quotes, not {reader.peek() or 'nothing'}")
    return string_of(reader.take())


def _hint(reader: Reader, rule: AnyRule) -> str:
    if isinstance(rule, Rule) and reader.peek() not in ("and", "AND", "or", "OR"):
        return f": {rule.type} compares {RULE_TYPES[rule.type].compares}"
    return "; each rule that `and` or `or` joins is in parentheses"
