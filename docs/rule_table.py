"""Writes the tables of rule types in docs/data-quality.md from the code: python docs/rule_table.py"""

from pathlib import Path

from jobs.quality.language.rule_types import ANY, REFUSED, RULE_TYPES, RuleType

PAGE = Path(__file__).with_name("data-quality.md")
WRITTEN = {"statement": ' "SQL"', "reference": ' "a,b" "other.{c,d}"', "dataset": ' "other"', "pattern": ' "regex"'}
CONDITIONS = {"nothing": "", "a type": ' = "DATE"', "values": " in [1, 2]", "a duration": " <= 24 hours"}


def with_tables(page: str) -> str:
    """The page, its tables as the code has them."""
    for name, table in {"rule types": _rule_types(), "refused": _refused()}.items():
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = page.partition(start)
        page = before + start + table + end + rest.partition(end)[2]
    return page


def _rule_types() -> str:
    rows = [
        f"| `{_example(name, kind)}` | {kind.means} | {_yes(kind.takes_where)} | {_yes(kind.looks_back)}"
        f" | {_yes(kind.is_analyzer)} | {_yes(kind.rows)} |"
        for name, kind in RULE_TYPES.items()
    ]
    head = "| rule | measures | where | looks back | analyzer | rows |\n|---|---|---|---|---|---|"
    return "\n".join([head, *rows]) + "\n"


def _refused() -> str:
    return (
        "\n".join(["| rule | in its place |\n|---|---|", *(f"| {name} | {text} |" for name, text in REFUSED.items())])
        + "\n"
    )


def _example(name: str, kind: RuleType) -> str:
    columns = " ".join(f'"{letter}"' for letter in "ab"[: kind.fewest]) + (" …" if kind.most == ANY else "")
    parameters = WRITTEN.get(kind.parameters, f" {columns}" if columns else "")
    return f"{name}{parameters}{CONDITIONS.get(kind.compares, ' > x')}"


def _yes(value: bool) -> str:
    return "yes" if value else ""


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
