"""What Athena's grammar does not have, and sqlglot would read nevertheless, is refused at the words of a statement."""

import re
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.dialects.athena import Athena
from sqlglot.tokenizer_core import Token, TokenType

from lakebox.athena.dialect.functions.agreeing import INSTEAD, NAMES, ON_STACK
from lakebox.athena.dialect.functions.calls import CALLS
from lakebox.athena.engine import SqlError

CONDITIONS = {TokenType.EQ, TokenType.NEQ, TokenType.GT, TokenType.GTE, TokenType.LT, TokenType.LTE, TokenType.IS,
              TokenType.IN, TokenType.BETWEEN, TokenType.LIKE}  # fmt: skip
# Before and after these a condition starts anew.
PARTS = {TokenType.AND, TokenType.OR, TokenType.COMMA, TokenType.ALIAS, TokenType.ARROW, TokenType.CASE, TokenType.WHEN,
         TokenType.THEN, TokenType.ELSE, TokenType.END, TokenType.SELECT, TokenType.FROM, TokenType.WHERE,
         TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY, TokenType.LIMIT, TokenType.OFFSET, TokenType.ON,
         TokenType.JOIN, TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT, TokenType.WITH}  # fmt: skip
INTERVAL_UNITS = "SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|YEAR"
UNITS = f"MILLISECOND|QUARTER|{INTERVAL_UNITS}"
CLAUSES = r"FROM|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|OFFSET|UNION|EXCEPT|INTERSECT|SELECT|\)|\]|;"
# What no statement of Athena's has: words and signs with a space around each, texts as 'text', names that stand in
# double quotes as "x"; and what to write instead, in which \1 is the first group.
FOREIGN = tuple(
    (re.compile(pattern, re.IGNORECASE), message)
    for pattern, message in (
        (r" :: ", "x::type is not Athena's; write CAST(x AS type)"),
        (r" == ", "== is not Athena's; write ="),
        (r" <=> ", "<=> is not Athena's; write a IS NOT DISTINCT FROM b"),
        (r" ! ", "! is not Athena's; write NOT"),
        (r" ->> ", "->> is not Athena's; write json_extract_scalar(x, '$.a')"),
        (
            r"(?<! [.]) JSON_TABLE [(]",
            f"JSON_TABLE is not supported by the embedded engine; write UNNEST(CAST(… AS array(json))), or {ON_STACK}",
        ),
        (r" MATCH_RECOGNIZE [(]", f"MATCH_RECOGNIZE is not supported by the embedded engine; {ON_STACK}"),
        (r"(?<! [.]) (RLIKE|REGEXP|SIMILAR TO) (?![(])", r"\1 is not Athena's; write regexp_like(a, 'x')"),
        (r"(?<! [.]) GLOB (?![(])", "GLOB is not Athena's; write LIKE 'x%'"),
        (r"(?<! [.]) DIV (?![(])", "DIV is not Athena's; integers divide to an integer: write a / b"),
        (r"(?<! [.]) (?:ISNULL|NOT(?:NULL)) ", "write IS NULL or IS NOT NULL; ISNULL and NOTNULL are not Athena's"),
        (r" NATURAL ", "NATURAL JOIN is not Athena's; write JOIN … USING (a)"),
        (r" IS (?:NOT )?(?!NULL|DISTINCT|NOT )(\S+)", r"IS \1 is not Athena's; write x, NOT x, or x IS NULL"),
        (r" LIMIT \S+ , ", "LIMIT 1, 2 is not Athena's; write OFFSET 1 LIMIT 2"),
        (r" LIMIT \S+ OFFSET ", "Athena has OFFSET before LIMIT: write OFFSET 1 LIMIT 2"),
        (r" '\S*' '", "two texts without an operator; write a || b"),
        (r" AS ('\S*') ", r'a name is no text: write AS "x", not AS \1'),
        (r" INTERVAL (\d+) ", r"INTERVAL \1 is not Athena's; write INTERVAL '\1' DAY"),
        (
            rf" INTERVAL '\S*' (?!(?:{INTERVAL_UNITS}) )",
            "an INTERVAL has its unit outside of the text: INTERVAL '1' DAY",
        ),
        (r" (?:SELECT|DISTINCT|THEN|ELSE|IN|[^\w\s\])\"]+) \[ ", "[1, 2] is not Athena's; write ARRAY[1, 2]"),
        (rf" , ({CLAUSES}) ", r"wrong SQL: a comma before \1"),
        (r" OVER (?![(]|\w|\")", "OVER needs a window: OVER (ORDER BY …)"),
        (r" (CURRENT_DATE|CURRENT_TIMESTAMP|LOCALTIMESTAMP) [(] (?!\d)", r"\1 has no parentheses in Athena; write \1"),
        (r" (DATE_ADD|DATE_DIFF|DATE_TRUNC) [(] (?!')(\S+)", r"\1 takes its unit as a text: \1('\2', …)"),
        (
            rf" DATE_(?:ADD|DIFF|TRUNC) [(] (?!'(?:MILLISECOND|QUARTER|{INTERVAL_UNITS})')(\S+)",
            r"\1 is no unit of time",
        ),
        (r" EXTRACT [(] '(\S+)'", r"extract takes its field as a name: extract(\1 FROM …)"),
    )
)
TYPE_WORDS = {
    "array", "bigint", "boolean", "date", "decimal", "double", "int", "integer", "ipaddress", "json",
    "precision", "real", "map", "row", "smallint", "time", "timestamp", "tinyint", "varbinary", "varchar", "with",
    "without", "zone",
}  # fmt: skip
INSTEAD_OF_TYPE = {"string": "varchar", "text": "varchar", "float": "real or double", "numeric": "decimal",
                   "datetime": "timestamp", "bool": "boolean", "long": "bigint", "number": "decimal", "int4": "integer",
                   "int8": "bigint", "int64": "bigint", "float64": "double", "binary": "varbinary",
                   "char": "varchar"}  # fmt: skip
NUMBER = re.compile(r"0[xX][0-9a-fA-F]+(_[0-9a-fA-F]+)*|0[bB][01]+(_[01]+)*|0[oO][0-7]+(_[0-7]+)*"
                    r"|\d+(_\d+)*([.](\d+(_\d+)*)?)?|[.]\d+(_\d+)*|(\d+[.]?\d*|[.]\d+)[eE][+-]?\d+")  # fmt: skip


def with_plain_numbers(sql: str) -> str:
    """The text with 10_000, 0x1F and 0b11 written as sqlglot reads numbers; raises SqlError on 5x."""
    if not re.search(r"\d[A-Za-z_]", sql):
        return sql
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
    text = f" {' '.join(map(_plain, tokens))} "
    for pattern, message in FOREIGN:
        match = pattern.search(text)
        if match:
            raise SqlError(match.expand(message))
    _check_cast_types(tokens)
    for before, token in pairwise(tokens):
        if token.token_type == TokenType.L_PAREN and before.token_type in Athena.Parser.FUNC_TOKENS:
            _check_name(before.text.lower())


def _plain(token: Token) -> str:
    """A word as the patterns have it: no content of a text or a name is taken for syntax."""
    if token.token_type == TokenType.IDENTIFIER:
        return '"x"'
    if token.token_type == TokenType.STRING:
        return f"'{re.sub(r'[^a-zA-Z0-9]', '_', token.text)}'"
    return " ".join(token.text.split())


def _check_name(name: str) -> None:
    if name.upper() in Athena.Parser.FUNCTIONS and name not in NAMES and name not in CALLS:
        instead = f"; Athena has {INSTEAD[name]}" if name in INSTEAD else f"; {ON_STACK}"
        if name not in TYPE_WORDS:
            raise SqlError(f"the function {name}() is not supported by the embedded engine{instead}")


def _check_cast_types(tokens: list[Token]) -> None:
    """The types in CAST(x AS type) are Trino's; sqlglot knows those of all engines."""
    opened: list[bool] = []
    is_type = 0  # the depth of parentheses within which there is a type
    for before, token, after in zip(tokens, tokens[1:], [*tokens[2:], None], strict=False):
        if token.token_type == TokenType.L_PAREN:
            opened.append(before.text.lower() in ("cast", "try_cast"))
        elif token.token_type == TokenType.R_PAREN and opened:
            is_type = 0 if len(opened) == is_type else is_type
            opened.pop()
        elif token.token_type == TokenType.ALIAS and opened and opened[-1]:
            is_type = len(opened)
        elif is_type and after is not None and before.text in ("(", ",") and re.match(r"[A-Za-z]", after.text):
            continue  # a field's name, or the first word of a type of two
        elif is_type and re.match(r"[A-Za-z]", token.text):
            for word in token.text.lower().split():
                if word not in TYPE_WORDS:
                    instead = f"; write {INSTEAD_OF_TYPE[word]}" if word in INSTEAD_OF_TYPE else ""
                    raise SqlError(f"{word} is no type of the embedded engine's{instead}")
        if is_type and token.token_type in (TokenType.LT, TokenType.L_BRACKET):
            raise SqlError("a type's parameters stand in parentheses: array(varchar)")


def check_joins(tree: exp.Expr, tokens: list[Token]) -> None:
    """Raise SqlError on a JOIN without ON or USING, and on CROSS JOIN with one."""
    words = [before.token_type for before, token in pairwise(tokens) if token.token_type == TokenType.JOIN]
    with_condition = [join for join in tree.find_all(exp.Join) if join.args.get("on") or join.args.get("using")]
    if any(join.kind == "CROSS" for join in with_condition):
        raise SqlError("CROSS JOIN has no ON; write JOIN … ON")
    if len(words) - words.count(TokenType.CROSS) > len(with_condition):
        raise SqlError("JOIN needs ON or USING; write CROSS JOIN for all pairs of rows")


def check_conditions(tokens: list[Token]) -> None:
    """Raise SqlError on a condition that stands in another one without parentheses: a = b IS NULL, a = NOT b."""
    outer: list[tuple[bool, bool]] = []
    has_condition = is_between = False  # of the part of the statement that the token is in
    for before, token in pairwise(tokens):
        kind = token.token_type
        is_not = kind == TokenType.NOT and before.token_type in CONDITIONS and before.token_type != TokenType.IS
        if is_not or (kind in CONDITIONS and has_condition):
            raise SqlError(f"a condition within another one, at {token.text}: put it in parentheses")
        if kind in CONDITIONS:
            has_condition, is_between = True, kind == TokenType.BETWEEN
        elif kind in (TokenType.L_PAREN, TokenType.L_BRACKET):
            outer.append((has_condition, is_between))
            has_condition = is_between = False
        elif kind in (TokenType.R_PAREN, TokenType.R_BRACKET) and outer:
            has_condition, is_between = outer.pop()
        elif kind == TokenType.AND and is_between:
            is_between = False
        elif kind in PARTS:
            has_condition = is_between = False
