"""Writes the table of differences in docs/stack-sql.md from the code: python docs/difference_table.py"""

from pathlib import Path

from lakebox.athena.on_trino.differences import DIFFERENCES

PAGE = Path(__file__).with_name("stack-sql.md")
START, END = "<!-- differences -->\n", "<!-- end of differences -->"


def with_table(page: str) -> str:
    """The page, its table as the code has it."""
    before, _, rest = page.partition(START)
    rows = "".join(f"| {one.about} | {one.athena} | {one.stack} |\n" for one in DIFFERENCES)
    return f"{before}{START}| | Athena | the stack |\n|---|---|---|\n{rows}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
