"""A built wheel, installed elsewhere, is enough: the command on the sample data, a job, and the test kit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.spark

REPOSITORY = Path(__file__).parents[1]
KIT_TEST = """
pytest_plugins = ["lakebox.testing"]


def test_own_modules_win(sandbox):
    sandbox.put("s3://code/jobs.py", "NAME = 'mine'")
    result = sandbox.run_job("job.py", {"extra-py-files": "s3://code/jobs.py"}, spark=False)
    assert result.output == "mine\\n"
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content; the repository is not on the path of what runs there."""
    folder = tmp_path_factory.mktemp("wheel")
    source, target = folder / "source", folder / "site"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    for name in listed.stdout.rstrip("\0").split("\0"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((REPOSITORY / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(source)], check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def run(installed: Path, cwd: Path, *command: str) -> str:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("LAKEBOX_")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env=variables | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_command_runs_on_the_sample_data(installed: Path, tmp_path: Path) -> None:
    where = run(installed, tmp_path, "-c", "import lakebox; print(lakebox.__file__)")
    assert where.strip() == str(installed / "lakebox" / "__init__.py")
    assert "Quality gate PASSED: 30 rules" in run(installed, tmp_path, "-m", "lakebox", "run")
    count = run(installed, tmp_path, "-m", "lakebox", "sql", "SELECT count(*) AS n FROM silver_user_events")
    assert count.split()[-1] == "114"
    run(installed, tmp_path, "-m", "lakebox", "site", "--out", "pages")
    assert {"index.html", "style.css", "site.js"} <= {path.name for path in (tmp_path / "pages").iterdir()}


def test_a_teams_tests_use_the_kit(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_job.py").write_text(KIT_TEST)
    (tmp_path / "job.py").write_text("import jobs\nprint(jobs.NAME)\n")
    assert "1 passed" in run(installed, tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_job.py")
