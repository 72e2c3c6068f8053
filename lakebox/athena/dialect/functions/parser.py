"""A parser of Athena's queries that leaves the functions of the tables as they are written."""

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.helper import seq_get
from sqlglot.parsers.athena import AthenaTrinoParser
from sqlglot.tokenizer_core import Token

from lakebox.athena.dialect.functions.calls import CALLS
from lakebox.athena.dialect.functions.joda import strftime_pattern

TABLED = {name.upper() for name in CALLS}


class Queries(Trino):
    """sqlglot's Trino, which would write a[i] as a[i - 1] where it takes i for an integer."""

    INDEX_OFFSET = 0


class QueryParser(AthenaTrinoParser):
    """sqlglot's parser, which would give those functions the meaning of other engines' functions of the name."""

    FUNCTIONS = {  # noqa: RUF012
        **{name: build for name, build in AthenaTrinoParser.FUNCTIONS.items() if name not in TABLED},
        "AT_TIMEZONE": lambda args: exp.AtTimeZone(this=seq_get(args, 0), zone=seq_get(args, 1)),
        "FORMAT_DATETIME": lambda args: exp.TimeToStr(this=seq_get(args, 0), format=strftime_pattern(args)),
        "PARSE_DATETIME": lambda args: exp.cast(
            exp.StrToTime(this=seq_get(args, 0), format=strftime_pattern(args, read=True)), exp.DType.TIMESTAMPTZ
        ),
    }
    FUNCTION_PARSERS = {  # noqa: RUF012 as sqlglot declares it
        name: parse
        for name, parse in AthenaTrinoParser.FUNCTION_PARSERS.items()
        if name == "NORMALIZE" or name not in TABLED
    }


def query_trees(tokens: list[Token], sql: str) -> list[exp.Expr | None]:
    """The trees of a text's statements; a subscript is as it is written."""
    trees = QueryParser(dialect=Queries()).parse(tokens, sql)
    for tree in trees:
        for node in tree.find_all(exp.Bracket) if tree is not None else ():
            node.set("offset", 1)
    return trees
