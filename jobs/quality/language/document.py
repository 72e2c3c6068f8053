"""Rulesets in DQDL, the language of AWS Glue Data Quality: text -> Ruleset.

The grammar is AWS's own (github.com/awslabs/dqdl). What lakebox doesn't evaluate (some rule types, times of day,
DataSources) is refused when the text is read: what can't be checked is never passed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from jobs.quality.language.rule_reader import analyzer_of, labels_of, rule_of
from jobs.quality.language.rules import Labels, Ruleset
from jobs.quality.language.tokens import Reader, RulesetError, Token, end_of_item, source_of, tokens_of

Item = TypeVar("Item")
NO_START = "it must start with `Rules = [` or `Analyzers = [`; before them DQDL has Metadata, constants, DefaultLabels"


def parse_ruleset(text: str) -> Ruleset:
    """DQDL's text to rules, whatever table they are for.

    Raises RulesetError for a rule type, operator or syntax that is not supported, and for a ruleset that is empty.
    """
    tokens: Sequence[Token] = tokens_of(text)
    reader = Reader(tokens)
    constants: dict[str, list[Token]] = {}
    defaults: Labels = ()
    while reader.peek() not in ("Rules", "Analyzers"):
        if not reader.next_is("word") or reader.peek(1) != "=" or reader.peek() == "DataSources":
            raise RulesetError(1, "", NO_START)
        name = reader.take().text
        reader.take()
        if name == "Metadata":
            _skip_dictionary(reader)
        elif name == "DefaultLabels":
            defaults = labels_of(reader)
        else:
            constants[name] = _constant(reader)
    tokens = _with_constants(tokens[reader.position :], constants)
    rules, tokens = _section(text, tokens, "Rules", lambda reader: rule_of(reader, defaults))
    analyzers, tokens = _section(text, tokens, "Analyzers", analyzer_of)
    if tokens:
        raise RulesetError(tokens[0].line, "", f"{tokens[0].text!r} follows the closing bracket")
    return Ruleset(tuple(rules), tuple(analyzers))


def _section(
    text: str, tokens: Sequence[Token], name: str, read: Callable[[Reader], Item]
) -> tuple[list[Item], Sequence[Token]]:
    """The items of a section, if it comes next, and the tokens after it."""
    items: list[Item] = []
    if not tokens or tokens[0].text != name:
        return items, tokens
    if [token.text for token in tokens[1:3]] != ["=", "["]:
        raise RulesetError(tokens[0].line, "", f"{name} is written `{name} = [ … ]`")
    position = 3
    while not items or tokens[position - 1].text == ",":
        end = end_of_item(tokens, position) if position < len(tokens) else end_of_item(tokens, len(tokens))
        part = tokens[position:end]
        items.append(read(Reader(part, source_of(text, part))))
        position = end + 1
    return items, tokens[position:]


def _constant(reader: Reader) -> list[Token]:
    """The tokens of a constant's value: a string, or a list."""
    if reader.next_is("string"):
        return [reader.take()]
    if reader.peek() != "[":
        raise reader.error('a constant is written `name = "text"` or `name = ["a", "b"]`')
    value = [reader.take()]
    while value[-1].text != "]":
        value.append(reader.take())
    return value


def _with_constants(tokens: Sequence[Token], constants: Mapping[str, Sequence[Token]]) -> list[Token]:
    """The tokens with each `$name` replaced by what the constant stands for."""
    replaced: list[Token] = []
    for place, token in enumerate(tokens):
        if place and tokens[place - 1].text == "$":
            if token.text not in constants:
                raise RulesetError(token.line, "", f"there is no constant {token.text}; define it before the rules")
            replaced += [value._replace(start=token.start, line=token.line) for value in constants[token.text]]
        elif token.text != "$":
            replaced.append(token)
    return replaced


def _skip_dictionary(reader: Reader) -> None:
    reader.expect("{", 'Metadata is written Metadata = { "name": "text" }')
    while reader.take().text != "}":
        pass
