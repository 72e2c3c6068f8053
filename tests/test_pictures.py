"""The README's pictures are of what the commands give today: texts and numbers are compared, times are not."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"
SVG = "{http://www.w3.org/2000/svg}"

sys.path.insert(0, str(DOCS))
from terminal import CELL, LINE, arms, picture  # noqa: E402 the folder of docs is on the path of its scripts only


def texts(svg: str) -> list[str]:
    """What a picture says, but for times and bytes, which differ between runs."""
    said = [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    return [re.sub(r"[\d.,]+ (s\b|bytes)", r"_ \1", text) for text in said]


def ends(path: str) -> set[tuple[float, float]]:
    """Where the lines of a path begin and end."""
    found = set()
    for x, y, way, to in re.findall(r"M([\d.]+) ([\d.]+)([HV])([\d.]+)", path):
        found |= {(float(x), float(y)), (float(to), float(y)) if way == "H" else (float(x), float(to))}
    return found


@pytest.mark.spark
def test_make_pictures_gives_the_pictures_that_are_here(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(DOCS / "picture.py"), "--into", str(tmp_path)], check=True, capture_output=True)
    for name in ("demo.svg", "dashboard.svg"):
        here, now = ((folder / name).read_text(encoding="utf-8") for folder in (DOCS, tmp_path))
        assert texts(here) == texts(now), f"{name} has gone stale: make pictures"
    bars = [re.findall(r'data-tip="([^"]+)"', (folder / "dashboard.svg").read_text()) for folder in (DOCS, tmp_path)]
    assert bars[0] == bars[1]
    assert "u005: 6 clicks" in bars[0]


def test_arms_of_box_characters_are_those_of_their_names() -> None:
    assert arms("┌") == {"d": 1, "r": 1}
    assert arms("╇") == {"d": 1, "u": 2, "l": 2, "r": 2}
    assert arms("┃") == {"u": 2, "d": 2}


def test_borders_of_a_table_meet() -> None:
    drawn = picture(["┌─┐", "│a│", "└─┘"], "table", 3)
    (path,) = re.findall(r'<path d="([^"]+)"', drawn.replace('"\n', '"').replace("\n", ""))[:1]
    rows = re.findall(r'<path d="([^"]+)"', drawn)
    assert path == rows[0]
    top, sides, bottom = (ends(row) for row in rows)
    assert {(0.5 * CELL, LINE), (2.5 * CELL, LINE)} <= top & sides
    assert {(0.5 * CELL, 2 * LINE), (2.5 * CELL, 2 * LINE)} <= sides & bottom


def test_a_picture_says_what_the_terminal_said() -> None:
    drawn = picture(['\x1b[32m✓\x1b[0m done <b> & "c"', "x" * 7], "a & b", 20)
    assert texts(drawn) == ["a & b", "✓", 'done <b> & "c"', "xxxxxxx"]
    assert 'fill="#56d364"' in drawn
    assert texts(picture(["abcdefg"], "t", 4)) == ["t", "abcd", "efg"]
    assert not re.search(r"@font-face|url\(|https?://(?!www\.w3\.org)", drawn)


def test_the_readme_shows_the_pictures() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert {"docs/demo.svg", "docs/dashboard.svg", "docs/stack.svg"} <= set(re.findall(r"\]\(([^)]+\.svg)\)", readme))
