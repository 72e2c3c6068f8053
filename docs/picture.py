"""Draws the README's pictures from real runs: demo.svg and dashboard.svg, of the demo's lake; stack.svg, of the stack.

python docs/picture.py [--into DIR] draws the first two, as `make pictures` does. python docs/picture.py stack draws the
third: it needs Docker, and deletes the stack's data.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

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


def demo_screen(lake: Path) -> list[str]:
    """Lines of the demo's second half, with colours."""
    command = [sys.executable, "-m", "lakebox", "demo", "--lake", str(lake)]
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "PYTHONUNBUFFERED": "1"}
    screen = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
    lines = still(screen.stdout.decode().replace(str(lake), "lake").splitlines())
    start = next(number for number, line in enumerate(lines) if FIRST in line)
    end = next(number for number, line in enumerate(lines) if LAST in line)
    return lines[start : end + 1]


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
    return still(lines)


def still(lines: list[str]) -> list[str]:
    """Lines as they stand when all is over: without what only moves the cursor, and without spinners."""
    shown = [CONTROL.sub("", line.rpartition("\r")[2] or line) for line in lines]
    return [line for line in shown if line == "" or (line.strip() and not SPINNER.search(line))]
