"""Draw docs/demo.svg, the second half of the demo, or docs/stack.svg, the stack at work.

python docs/picture.py [stack], after `make demo` has made .venv. `stack` deletes the stack's data.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 112
CONTROL = re.compile(r"\x1b\[[?0-9;]*[A-HJKSThl]")  # what moves the cursor; colours stay
SPINNER = re.compile("[\u2800-\u28ff]")
STACK = (
    ("make up", "up"),
    ("LAKEBOX_TARGET=compose lakebox run --training_date 2025-06-18", "run", "--training_date", "2025-06-18"),
    (
        'LAKEBOX_TARGET=compose lakebox sql "SELECT … FROM gold_user_features …"',
        "sql",
        "SELECT user_id, click_count, purchase_count, last_event_type, last_event_timestamp FROM gold_user_features "
        "ORDER BY event_count DESC, user_id LIMIT 5",
    ),
)
FIRST, LAST = "lakebox run --raw sample_data --training_date 2025-06-18", "queries/gold_user_features.sql"


def demo_screen() -> list[str]:
    """Lines of the demo, with colours."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "lakebox", "demo", "--lake", str(Path(folder, "lake"))]
        environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "PYTHONUNBUFFERED": "1"}
        screen = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
        return screen.stdout.decode().replace(str(Path(folder, "lake")), "lake").splitlines()


def stack_screen() -> list[str]:
    """Lines of a start of the stack, a run on it and a query, with colours. Its data is deleted first."""
    lines = []
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "LAKEBOX_TARGET": "compose"}
    lakebox = [sys.executable, "-m", "lakebox"]
    subprocess.run([*lakebox, "down", "--purge"], env=environment, check=True)
    for title, *command in STACK:
        screen = subprocess.run([*lakebox, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = re.sub(r"token=\w+", "token=…", screen.stdout.decode())
        lines += [f"\x1b[1m$ {title}\x1b[0m", *said.splitlines(), ""]
    return lines


def draw(lines: list[str], name: str, title: str) -> None:
    """Write lines as a picture beside this file, without what only moves the cursor."""
    console = Console(record=True, width=WIDTH, file=Path(os.devnull).open("w"), force_terminal=True)  # noqa: SIM115
    for line in lines:
        shown = CONTROL.sub("", line.rpartition("\r")[2] or line)
        if line == "" or (shown.strip() and not SPINNER.search(shown)):
            console.print(Text.from_ansi(shown), soft_wrap=True)
    console.save_svg(str(Path(__file__).with_name(name)), title=title)


def main() -> None:
    """Draw the picture that is asked for."""
    if sys.argv[1:] == ["stack"]:
        draw(stack_screen(), "stack.svg", "the stack")
        return
    lines = demo_screen()
    start = next(number for number, line in enumerate(lines) if FIRST in line)
    end = next(number for number, line in enumerate(lines) if LAST in line)
    draw(lines[start : end + 1], "demo.svg", "make demo")


if __name__ == "__main__":
    main()
