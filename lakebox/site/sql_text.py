"""SQL -> the same text as HTML, its keywords, strings, numbers and comments marked for the pages' style."""

import re

from markupsafe import Markup, escape

KEYWORDS = (
    "all|and|as|asc|between|by|case|cast|create|cross|date|delete|desc|distinct|else|end|except|exists|false|first|"
    "from|full|group|having|in|inner|insert|intersect|interval|into|is|join|last|left|like|limit|not|null|nulls|on|"
    "or|order|outer|over|partition|right|select|set|table|then|timestamp|true|union|unnest|update|using|values|when|"
    "where|with"
)
TOKEN = re.compile(
    rf"""(?P<remark>--[^\n]*|/\*.*?\*/)
    | (?P<string>'(?:[^']|'')*')
    | (?P<name>"[^"]*")                             # a quoted name is no keyword
    | (?P<digits>\b\d+(?:\.\d+)?\b)
    | (?P<word>\b(?:{KEYWORDS})\b)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


def marked_sql(sql: str) -> Markup:
    """A statement with its parts in spans whose class says what they are: word, string, digits, remark."""
    html, at = Markup(), 0
    for token in TOKEN.finditer(sql):
        html += escape(sql[at : token.start()])
        mark = Markup('<span class="{}">{}</span>') if token.lastgroup != "name" else Markup("{1}")
        html += mark.format(token.lastgroup, token[0])
        at = token.end()
    return html + escape(sql[at:])
