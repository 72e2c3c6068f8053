"""What Athena's grammar does not have, and sqlglot would read nevertheless, is refused at the words of a statement."""

import re

import sqlglot
from sqlglot import exp
from sqlglot.dialects.athena import Athena
from sqlglot.tokenizer_core import Token, TokenType

from lakebox.athena.dialect.functions import INSTEAD, NAMES
from lakebox.athena.engine import SqlError

SUBSCRIPTED = (TokenType.ARRAY, TokenType.VAR, TokenType.IDENTIFIER, TokenType.R_BRACKET, TokenType.R_PAREN)
AFTER_A_LIST = (TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY,
                TokenType.LIMIT, TokenType.OFFSET, TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT,
                TokenType.SELECT, TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.SEMICOLON)  # fmt: skip
FOREIGN = {  # words and signs, in capitals, that no query of Athena's has as they stand
    "::": "x::type is not Athena's; write CAST(x AS type)",
    "==": "== is not Athena's; write =",
    "<=>": "<=> is not Athena's; write a IS NOT DISTINCT FROM b",
    "!": "! is not Athena's; write NOT",
    "->": "-> is not supported by the embedded engine; write json_extract(x, '$.a'), or UNNEST for a lambda",
    "->>": "->> is not Athena's; write json_extract_scalar(x, '$.a')",
    "RLIKE": "RLIKE is not Athena's; write regexp_like(a, 'x')",
    "REGEXP": "REGEXP is not Athena's; write regexp_like(a, 'x')",
    "SIMILAR TO": "SIMILAR TO is not Athena's; write regexp_like(a, 'x')",
    "GLOB": "GLOB is not Athena's; write LIKE 'x%'",
    "DIV": "DIV is not Athena's; integers divide to an integer: write a / b",
    "ISNULL": "ISNULL is not Athena's; write IS NULL",
    "NOTNULL": "NOTNULL is not Athena's; write IS NOT NULL",
    "NATURAL": "NATURAL JOIN is not Athena's; write JOIN … USING (a)",
}
OPERATORS = (TokenType.DCOLON, TokenType.EQ, TokenType.NULLSAFE_EQ, TokenType.NOT, TokenType.ARROW, TokenType.DARROW,
             TokenType.RLIKE, TokenType.SIMILAR_TO, TokenType.GLOB, TokenType.DIV, TokenType.ISNULL, TokenType.NOTNULL,
             TokenType.NATURAL)  # fmt: skip
INTERVAL_UNITS = ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR")
UNITS = (*map(str.lower, INTERVAL_UNITS), "millisecond", "quarter")
WINDOWS = (TokenType.L_PAREN, TokenType.VAR, TokenType.IDENTIFIER)
UNIT_FUNCTIONS = ("date_add", "date_diff", "date_trunc")
WITHOUT_PARENS = (TokenType.CURRENT_DATE, TokenType.CURRENT_TIMESTAMP, TokenType.LOCALTIMESTAMP)
TYPE_WORDS = {
    "array", "bigint", "boolean", "date", "decimal", "double", "int", "integer", "json", "map", "precision", "real",
    "row", "smallint", "time", "timestamp", "tinyint", "varbinary", "varchar", "with", "without", "zone",
}  # fmt: skip
INSTEAD_OF_TYPE = {"string": "varchar", "text": "varchar", "float": "real or double", "numeric": "decimal",
                   "datetime": "timestamp", "bool": "boolean", "long": "bigint", "number": "decimal", "int4": "integer",
                   "int8": "bigint", "int64": "bigint", "float64": "double", "binary": "varbinary",
                   "char": "varchar; char is not supported by the embedded engine"}  # fmt: skip
NUMBER = re.compile(r"0[xX][0-9a-fA-F]+(_[0-9a-fA-F]+)*|0[bB][01]+(_[01]+)*|0[oO][0-7]+(_[0-7]+)*"
                    r"|\d+(_\d+)*([.](\d+(_\d+)*)?)?|[.]\d+(_\d+)*|(\d+[.]?\d*|[.]\d+)[eE][+-]?\d+")  # fmt: skip


def with_plain_numbers(sql: str) -> str:
    """The text with 10_000, 0x1F and 0b11 written as sqlglot reads numbers; raises SqlError on 5x."""
    parts, end, tokens = [], 0, sqlglot.tokenize(sql, read="trino")
    for number, token in enumerate(tokens):
        is_hex = token.token_type == TokenType.HEX_STRING and sql[token.start] == "0"
        if token.start < end or not (token.token_type == TokenType.NUMBER or is_hex):
            continue
        last = token
        for follower in tokens[number + 1 :]:
            if follower.start != last.end + 1 or not re.match(r"[\w.]", follower.text):
                break
            last = follower
        word = sql[token.start : last.end + 1]
        if not NUMBER.fullmatch(word):
            raise SqlError(f"wrong SQL at line {token.line}, column {token.col}: {word} is no number, and no name")
        plain = word.replace("_", "")
        parts += [sql[end : token.start], str(int(plain, 0)) if re.match("0[xXbBoO]", plain) else plain]
        end = last.end + 1
    return "".join([*parts, sql[end:]])


def check_tokens(tokens: list[Token]) -> None:
    """Raise SqlError on syntax and names that sqlglot takes for Athena's and Athena doesn't know."""
    kinds = [token.token_type for token in tokens]
    for token, before, after in zip(tokens, [None, *tokens], [*tokens[1:], None], strict=False):
        last, following = before.token_type if before else None, after.token_type if after else None
        if (
            token.token_type in OPERATORS
            and token.text.upper() in FOREIGN
            and last != TokenType.DOT
            and following != TokenType.L_PAREN
        ):
            raise SqlError(FOREIGN[token.text.upper()])
        if token.token_type == TokenType.L_BRACKET and last not in SUBSCRIPTED:
            raise SqlError("[1, 2] is not Athena's; write ARRAY[1, 2]")
        if token.token_type in AFTER_A_LIST and last == TokenType.COMMA:
            raise SqlError(f"wrong SQL at line {token.line}, column {token.col}: a comma before {token.text}")
        if token.token_type == TokenType.L_PAREN and before and last in Athena.Parser.FUNC_TOKENS:
            _check_name(before.text.lower())
            _check_call(before, after)
        _check_text(token, before, after)
        if token.token_type == TokenType.OVER and following not in WINDOWS:
            raise SqlError("OVER needs a window: OVER (ORDER BY …)")
        if token.token_type == TokenType.INTERVAL and following == TokenType.NUMBER and after:
            raise SqlError(f"INTERVAL {after.text} is not Athena's; write INTERVAL '{after.text}' DAY")
    _check_is(tokens)
    _check_limit(kinds)
    _check_cast_types(tokens)


def _check_text(token: Token, before: Token | None, after: Token | None) -> None:
    last = before.token_type if before else None
    if token.token_type != TokenType.STRING:
        return
    if last == TokenType.STRING:
        raise SqlError("two texts without an operator; write a || b")
    if last == TokenType.ALIAS:
        raise SqlError(f"a name is no text: write AS \"{token.text}\", not AS '{token.text}'")
    if last == TokenType.INTERVAL and (after is None or after.text.upper() not in INTERVAL_UNITS):
        raise SqlError(f"an INTERVAL has its unit outside of the text: INTERVAL '1' DAY, not '{token.text}'")


def _check_name(name: str) -> None:
    if name.upper() in Athena.Parser.FUNCTIONS and name not in NAMES:
        instead = f"; Athena has {INSTEAD[name]}" if name in INSTEAD else "; run this query on Athena"
        if name not in TYPE_WORDS:
            raise SqlError(f"the function {name}() is not supported by the embedded engine{instead}")


def _check_call(name: Token, first: Token | None) -> None:
    word = name.text.lower()
    if name.token_type in WITHOUT_PARENS and (first is None or first.token_type != TokenType.NUMBER):
        raise SqlError(f"{word} has no parentheses in Athena; write {word}")
    if word in UNIT_FUNCTIONS and first is not None and first.token_type != TokenType.STRING:
        raise SqlError(f"{word} takes its unit as a text: {word}('{first.text.lower()}', …)")
    if word in UNIT_FUNCTIONS and first is not None and first.text.lower() not in UNITS:
        raise SqlError(f"{word}: '{first.text}' is no unit; known: {', '.join(UNITS)}")
    if word == "extract" and first is not None and first.token_type == TokenType.STRING:
        raise SqlError(f"extract takes its field as a name: extract({first.text} FROM …)")


def _check_is(tokens: list[Token]) -> None:
    for number, token in enumerate(tokens):
        words = [one.text.upper() for one in tokens[number + 1 : number + 3]]
        words = words[1:] if words[:1] == ["NOT"] else words
        if token.token_type == TokenType.IS and words[:1] not in (["NULL"], ["DISTINCT"]):
            raise SqlError(f"IS {' '.join(words[:1])} is not Athena's; write x, NOT x, or x IS NULL")


def _check_limit(kinds: list[TokenType]) -> None:
    if TokenType.LIMIT not in kinds:
        return
    after = kinds[kinds.index(TokenType.LIMIT) :]
    if after[2:3] == [TokenType.COMMA]:
        raise SqlError("LIMIT 1, 2 is not Athena's; write OFFSET 1 LIMIT 2")
    if TokenType.OFFSET in after:
        between = after[: after.index(TokenType.OFFSET)]
        if TokenType.SELECT not in between and TokenType.R_PAREN not in between:
            raise SqlError("Athena has OFFSET before LIMIT: write OFFSET 1 LIMIT 2")


def _check_cast_types(tokens: list[Token]) -> None:
    """The types in CAST(x AS type) are Trino's; sqlglot knows those of all engines."""
    opened: list[bool] = []
    is_type = 0  # the depth of parentheses within which there is a type
    for token, before in zip(tokens, [None, *tokens], strict=False):
        if token.token_type == TokenType.L_PAREN:
            opened.append(before is not None and before.text.lower() in ("cast", "try_cast"))
        elif token.token_type == TokenType.R_PAREN and opened:
            is_type = 0 if len(opened) == is_type else is_type
            opened.pop()
        elif token.token_type == TokenType.ALIAS and opened and opened[-1]:
            is_type = len(opened)
        elif is_type and re.match(r"[A-Za-z]", token.text) and not _is_field(before):
            for word in token.text.lower().split():
                if word not in TYPE_WORDS:
                    instead = f"; write {INSTEAD_OF_TYPE[word]}" if word in INSTEAD_OF_TYPE else ""
                    raise SqlError(f"{word} is no type of Athena's{instead}")
        if is_type and token.token_type in (TokenType.LT, TokenType.L_BRACKET):
            raise SqlError("a type's parameters stand in parentheses: array(varchar)")


def _is_field(before: Token | None) -> bool:
    return before is not None and before.text.lower() == "row"


def check_joins(tree: exp.Expr, tokens: list[Token]) -> None:
    """Raise SqlError on a JOIN without ON or USING, and on CROSS JOIN with one."""
    pairs = zip(tokens, [None, *tokens], strict=False)
    words = [before and before.token_type for token, before in pairs if token.token_type == TokenType.JOIN]
    with_condition = [join for join in tree.find_all(exp.Join) if join.args.get("on") or join.args.get("using")]
    if any(join.kind == "CROSS" for join in with_condition):
        raise SqlError("CROSS JOIN has no ON; write JOIN … ON")
    if len(words) - words.count(TokenType.CROSS) > len(with_condition):
        raise SqlError("JOIN needs ON or USING; write CROSS JOIN for all pairs of rows")
