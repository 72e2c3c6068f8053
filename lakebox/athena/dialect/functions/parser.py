"""A parser of Athena's queries that leaves the functions of the tables as they are written."""

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.helper import seq_get
from sqlglot.parsers.athena import AthenaTrinoParser
from sqlglot.tokenizer_core import Token, TokenType

from lakebox.athena.dialect.forms.zones import zoned
from lakebox.athena.dialect.functions.calls import CALLS
from lakebox.athena.dialect.functions.joda import strftime_pattern
from lakebox.athena.engine import SqlError

TABLED = {name.upper() for name in CALLS}


class Queries(Trino):
    """sqlglot's Trino, which would write a[i] as a[i - 1] where it takes i for an integer."""

    INDEX_OFFSET = 0


class QueryParser(AthenaTrinoParser):
    """sqlglot's parser, which would give those functions the meaning of other engines' functions of the name."""

    FUNCTIONS = {  # noqa: RUF012
        **{name: build for name, build in AthenaTrinoParser.FUNCTIONS.items() if name not in TABLED},
        "JSON_EXTRACT": lambda args: exp.JSONExtract(this=seq_get(args, 0), expression=seq_get(args, 1)),
        "JSON_EXTRACT_SCALAR": lambda args: exp.JSONExtractScalar(this=seq_get(args, 0), expression=seq_get(args, 1)),
        "AT_TIMEZONE": lambda args: exp.AtTimeZone(this=seq_get(args, 0), zone=seq_get(args, 1)),
        "WITH_TIMEZONE": lambda args: zoned(seq_get(args, 0), seq_get(args, 1)),
        "FORMAT_DATETIME": lambda args: exp.TimeToStr(this=seq_get(args, 0), format=strftime_pattern(args)),
        "PARSE_DATETIME": lambda args: exp.cast(
            exp.StrToTime(this=seq_get(args, 0), format=strftime_pattern(args, read=True)), exp.DType.TIMESTAMPTZ
        ),
    }
    FUNCTION_PARSERS = {
        name: parse
        for name, parse in AthenaTrinoParser.FUNCTION_PARSERS.items()
        if name == "NORMALIZE" or name not in TABLED
    } | {name: lambda self, name=name: self.standard_json(name) for name in ("JSON_VALUE", "JSON_QUERY", "JSON_EXISTS")}

    def standard_json(self, name: str) -> exp.Expr:
        """json_value(x, 'lax $.a' RETURNING type …): the words after the path become a text."""
        value, words, kind = self._parse_disjunction(), [], None
        self._match_text_seq("FORMAT", "JSON")
        self._match(TokenType.COMMA)
        path = self._parse_string()
        while self._curr and self._curr.token_type != TokenType.R_PAREN:
            if self._match_text_seq("RETURNING"):
                kind = self._parse_types()
                continue
            text = self._curr.text
            is_text = self._curr.token_type == TokenType.STRING
            words.append("'" + text.replace("'", "''") + "'" if is_text else text.upper())
            self._advance()
        call = exp.Anonymous(this=name.lower(), expressions=[value, path, exp.Literal.string(" ".join(words))])
        if kind is None or kind.is_type("varchar"):
            return call
        if words:
            raise SqlError(
                f"{name.lower()} RETURNING {kind.sql(dialect='athena').lower()} has no ON EMPTY or ON ERROR here"
            )
        return exp.TryCast(this=call, to=kind)


def query_trees(tokens: list[Token], sql: str) -> list[exp.Expr | None]:
    """The trees of a text's statements; a subscript is as it is written."""
    trees = QueryParser(dialect=Queries()).parse(tokens, sql)
    for tree in trees:
        for node in tree.find_all(exp.Bracket) if tree is not None else ():
            node.set("offset", 1)
    return trees
