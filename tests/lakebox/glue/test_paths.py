"""Names as they are: a lake's path is no pattern, and names beyond ASCII work where the locale is C, as under cron."""

from pathlib import Path

import pytest
from commands import lakebox

pytestmark = [pytest.mark.spark, pytest.mark.slow]

EVENT = '{"user_id": "%s", "event_type": "%s", "timestamp": "2025-06-17T07:00:00Z"}\n'
USERS = "SELECT user_id, event_type FROM silver_user_events ORDER BY 1"


def run(folder: Path, lake: str, user: str, event_type: str = "click", **environment: str) -> str:
    """Deliver one event of a user, run the flow, and return the users that Silver has then, as CSV."""
    raw = folder / f"raw of {lake}"
    raw.mkdir(exist_ok=True)
    (raw / f"{user}.jsonl").write_text(EVENT % (user, event_type), encoding="utf-8")
    done = lakebox("run", "--raw", str(raw), "--lake", lake, cwd=folder, **environment)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    return lakebox("sql", USERS, "--lake", lake, "--format", "csv", cwd=folder, **environment).stdout


@pytest.mark.parametrize("lake", ["lake[1]", "lake?", "{lake1,*}\\"])
def test_a_lakes_path_is_no_pattern(tmp_path: Path, lake: str) -> None:
    assert run(tmp_path, "lake1", "another") == "user_id,event_type\nanother,click\n"
    run(tmp_path, lake, "a")
    assert run(tmp_path, lake, "b") == "user_id,event_type\na,click\nb,click\n"


def test_a_colon_in_a_pattern_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    done = lakebox("run", "--lake", "a:b[c]", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "has a colon and one of [ ] { } * ?" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_names_beyond_ascii_work_under_the_c_locale(tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "LANG": "C"}
    run(tmp_path, "üx", "a", "Käufe", **plain)
    assert run(tmp_path, "üx", "ß", "Käufe", **plain) == "user_id,event_type\na,Käufe\nß,Käufe\n"
    assert (tmp_path / "üx/silver/user_events/event_type=Käufe/event_date=2025-06-17/part-00000.parquet").exists()
