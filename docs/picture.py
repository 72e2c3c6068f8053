"""Draw docs/demo.svg, the second half of the demo: python docs/picture.py, after `make demo` has made .venv."""

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
FIRST, LAST = "lakebox run --raw sample_data --training_date 2025-06-18", "queries/gold_user_features.sql"


def demo_screen() -> list[str]:
    """Lines of the demo, with colours."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "lakebox", "demo", "--lake", str(Path(folder, "lake"))]
        environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "PYTHONUNBUFFERED": "1"}
        screen = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
        return screen.stdout.decode().replace(str(Path(folder, "lake")), "lake").splitlines()


def main() -> None:
    """Write the picture beside this file."""
    lines = demo_screen()
    start = next(number for number, line in enumerate(lines) if FIRST in line)
    end = next(number for number, line in enumerate(lines) if LAST in line)
    console = Console(record=True, width=WIDTH, file=Path(os.devnull).open("w"), force_terminal=True)  # noqa: SIM115
    for line in lines[start : end + 1]:
        shown = CONTROL.sub("", line.rpartition("\r")[2] or line)
        if line == "" or (shown.strip() and not SPINNER.search(shown)):
            console.print(Text.from_ansi(shown), soft_wrap=True)
    console.save_svg(str(Path(__file__).with_name("demo.svg")), title="make demo")


if __name__ == "__main__":
    main()
