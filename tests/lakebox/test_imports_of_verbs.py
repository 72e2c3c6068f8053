"""No verb waits for the imports of another one."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from lakebox.cli import main
main(sys.argv[1:], standalone_mode=False)
modules = ("pyspark", "pyarrow", "pandas", "duckdb", "boto3", "rich")
print("imported:", *(name for name in modules if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("verb", "imports"),
    [
        (("sql", "SELECT 1", "--format", "csv"), "duckdb"),
        (("status",), "pyarrow rich"),
        (("crawl", "gold_user_features"), "boto3 rich"),
    ],
)
def test_a_verb_imports_what_it_needs(tmp_path: Path, verb: tuple[str, ...], imports: str) -> None:
    (tmp_path / "lake").mkdir()
    command = [sys.executable, "-c", PROGRAM, *verb, "--lake", str(tmp_path / "lake")]
    environment = {"PATH": str(tmp_path)}  # no Docker, whose state lakebox status would ask for
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == [f"imported: {imports}"], done.stderr
