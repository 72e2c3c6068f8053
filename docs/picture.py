"""Draws the README's pictures from real runs: demo.svg and dashboard.svg, of the demo's lake; stack.svg, of the stack.

python docs/picture.py [--into DIR] draws the first two, as `make pictures` does. python docs/picture.py stack draws the
third: it needs Docker, and deletes the stack's data.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from terminal import picture

from lakebox.charts.clicks_and_purchases import clicks_and_purchases
from lakebox.charts.drawing import alone_style, draw
from lakebox.charts.events_by_day import events_by_day, shown_types
from lakebox.charts.recency import recency
from lakebox.charts.theme import SERIES, Spec
from lakebox.settings import read_settings
from lakebox.site.snapshots import Snapshot, read_events, read_snapshots
from lakebox.targets import open_engine

WIDTH = 112
USERS = 14  # of the picture of the dashboard
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
FIRST, LAST = "lakebox run --raw sample_data --training_date 2025-06-18", "queries/bronze_by_model_input_flag.sql"


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
    shown = [(line, CONTROL.sub("", line.rpartition("\r")[2] or line)) for line in lines]
    return [text for line, text in shown if line == "" or (text.strip() and not SPINNER.search(text))]


def dashboard(lake: Path) -> str:
    """The dashboard's totals and charts of a lake's newest snapshot, by the functions that draw the site's."""
    engine = open_engine(read_settings(lake=str(lake), target="embedded"))
    newest = read_snapshots(engine)[0]
    events = read_events(engine, newest.training_date)
    users = [(user.user_id, user.click_count, user.purchase_count) for user in newest.users[:USERS]]
    types = shown_types(events)
    parts = [
        _text(24, 40, f"Dashboard: Gold's snapshot of {newest.training_date}", 'font-size="20" font-weight="650"'),
        *_totals(newest),
        *_chart(24, 150, "Clicks against purchases", ("clicks", "purchases"), clicks_and_purchases(users)),
        *_chart(572, 150, "When users were last seen", (), recency(newest.recency)),
        *_chart(572, 486, "Events a day", types, events_by_day(events)),
    ]
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1116 824" role="img"
 aria-label="The dashboard" font-size="13" fill="currentColor"><style>{alone_style()}</style>
{"".join(parts)}</svg>
"""


def _text(x: float, y: float, text: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(text)}</text>\n'


def _totals(newest: Snapshot) -> list[str]:
    """The snapshot's totals, side by side."""
    totals = {
        "Users": newest.user_count,
        "Events": newest.events,
        "Clicks": newest.clicks,
        "Purchases": newest.purchases,
    }
    parts = []
    for place, (name, n) in enumerate(totals.items()):
        x = 24 + 274 * place
        parts.append(f'<path d="M{x} 64h246" stroke="var(--chart-grid, #dfe3e8)" stroke-width="2"/>')
        parts.append(
            _text(x, 84, name, 'fill="var(--chart-quiet, #57606e)"') + _text(x, 112, f"{n:,}", 'font-size="26"')
        )
    return parts


def _chart(x: int, y: int, title: str, series: Sequence[str], spec: Spec) -> list[str]:
    """A chart with its title and legend, at a place of the picture."""
    parts = [_text(x, y + 18, title, 'font-size="16" font-weight="600"')]
    for place, name in enumerate(series):
        left = x + 110 * place
        parts.append(f'<rect x="{left}" y="{y + 32}" width="12" height="12" rx="2" fill="{SERIES[place]}"/>')
        parts.append(_text(left + 18, y + 43, name))
    drawn = draw(spec, title).replace("<svg ", f'<svg x="{x}" y="{y + (56 if series else 34)}" ', 1)
    return [*parts, drawn + "\n"]


def main() -> None:
    """Draw the pictures that are asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", nargs="?", choices=("demo", "stack"), default="demo")
    asked.add_argument("--into", type=Path, default=Path(__file__).parent, help="folder of the pictures")
    arguments = asked.parse_args()
    if arguments.what == "stack":
        drawn = {"stack.svg": picture(stack_screen(), "the stack", WIDTH)}
    else:
        with tempfile.TemporaryDirectory() as folder:
            lake = Path(folder, "lake")
            drawn = {"demo.svg": picture(demo_screen(lake), "make demo", WIDTH), "dashboard.svg": dashboard(lake)}
    for name, svg in drawn.items():
        Path(arguments.into, name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
