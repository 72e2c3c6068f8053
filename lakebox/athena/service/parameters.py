"""Parameters of statements: ExecutionParameters and EXECUTE … USING, put in the place of question marks."""

from collections.abc import Sequence
from dataclasses import dataclass

from lakebox.athena.service.kinds import words_of
from lakebox.athena.service.statement import StatementError


@dataclass(frozen=True)
class Preparation:
    """A statement about prepared statements. verb: PREPARE, EXECUTE or DEALLOCATE.

    text: of the statement that PREPARE keeps; values: SQL expressions after EXECUTE … USING
    """

    verb: str
    name: str
    text: str = ""
    values: tuple[str, ...] = ()


def preparation_of(sql: str) -> Preparation | None:
    """What a PREPARE, EXECUTE or DEALLOCATE says; None for other statements. Raises StatementError on a wrong one."""
    words = list(words_of(sql))
    heads = [word.upper() for word, _ in words[:3]]
    if not heads or heads[0] not in ("PREPARE", "EXECUTE", "DEALLOCATE"):
        return None
    at = 2 if heads[0] == "DEALLOCATE" and heads[1:2] == ["PREPARE"] else 1
    rest = words[at + 1 :]
    if len(words) <= at:
        raise _wrong(sql, len(sql), "<EOF>", "the name of a prepared statement")
    name = words[at][0].strip('"')
    if heads[0] == "PREPARE":
        if len(rest) < 2 or rest[0][0].upper() != "FROM":
            raise _wrong(sql, rest[0][1] if rest else len(sql), rest[0][0] if rest else "<EOF>", "FROM and a statement")
        return Preparation("PREPARE", name, sql[rest[1][1] :])
    if heads[0] == "DEALLOCATE" or not rest:
        return Preparation(heads[0], name)
    if rest[0][0].upper() != "USING" or len(rest) < 2:
        raise _wrong(sql, rest[0][1], rest[0][0], "USING and values")
    return Preparation("EXECUTE", name, values=tuple(_split(sql[rest[1][1] :])))


def bound(sql: str, values: Sequence[str]) -> str:
    """A statement with values in the place of its question marks, in their order. Raises StatementError on too few.

    values: SQL expressions as they are, see `expression_of`. Values for a statement without any mark are left alone.
    """
    marks = [at for word, at in words_of(sql) if word == "?"]
    if not marks or not values:
        return sql
    if len(marks) != len(values):
        text = f"line 1:1: Incorrect number of parameters: expected {len(marks)} but found {len(values)}"
        raise StatementError(text, "INVALID_PARAMETER_USAGE")
    parts, end = [], 0
    for at, value in zip(marks, values, strict=True):
        is_one_word = len(list(words_of(value))) == 1
        parts += [sql[end:at], value if is_one_word else f"({value})"]
        end = at + 1
    return "".join(parts) + sql[end:]


def expression_of(value: str) -> str:
    """An ExecutionParameter as SQL: an expression without columns as it is, all else as a text.

    So `1`, `'a'` and `DATE '2020-01-01'` are what they are in SQL, `abc` and `it's` are the texts of these letters.
    """
    return value if _is_expression(value) else "'" + value.replace("'", "''") + "'"


def _is_expression(value: str) -> bool:
    import sqlglot  # takes 0.2 s to import, and most statements have no parameters
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if "--" in value or "/*" in value:
        return False
    try:
        trees = sqlglot.parse(value, dialect="athena")
    except (SqlglotError, RecursionError):
        return False
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Condition | exp.Interval | exp.Tuple) or isinstance(tree, exp.Query):
        return False
    return tree.find(exp.Column, exp.Placeholder, exp.Star) is None


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no brackets."""
    parts, depth, start = [], 0, 0
    for word, at in words_of(text):
        depth += (word in "([{") - (word in ")]}")
        if word == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]


def _wrong(sql: str, at: int, word: str, wanted: str) -> StatementError:
    before = sql[:at]
    line, column = before.count("\n") + 1, at - before.rfind("\n")
    return StatementError(f"line {line}:{column}: mismatched input '{word}'. Expecting: {wanted}", "SYNTAX_ERROR")
