"""What a run says of its raw folder: wrong ones, files it leaves alone, items that all go to quarantine."""

from pathlib import Path

import pytest
from commands import lakebox

pytestmark = pytest.mark.spark

EVENT = '{"uid": "a", "event_type": "click", "timestamp": "2025-06-17T07:00:00Z"}\n'


def test_items_that_all_went_to_quarantine_are_shown(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.jsonl").write_text(EVENT * 2)
    (tmp_path / "raw/b.csv").touch()
    failed = lakebox("run", "--raw", "raw", cwd=tmp_path)
    assert failed.returncode == 1
    assert "0 to Bronze, 2 to quarantine; 1 file has another ending and is left alone: b.csv" in failed.stderr
    assert "Quarantined in this run: 2" in failed.stdout
    assert "│ raw/a.jsonl │    2 │ no user_id │" in failed.stdout
    assert "all 2 raw items are in quarantine" in failed.stderr.splitlines()[-1]
    (tmp_path / "corrected.toml").write_text('[fields]\nuser_id = "uid"\n')
    corrected = lakebox("run", "--raw", "raw", "--mapping", "corrected.toml", cwd=tmp_path)
    assert corrected.returncode == 0, corrected.stderr
    assert "2 items of 1 files: 2 to Bronze, 0 to quarantine" in corrected.stderr
    refused = lakebox("run", cwd=tmp_path)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    words = f"the lake at lake/ai-lakehouse-project holds events of {tmp_path}/raw; name your raw files with --raw"
    assert words in refused.stderr, "the sample data stays out of it"
    again = lakebox("run", "--mapping", "corrected.toml", cwd=tmp_path, LAKEBOX_RAW="raw")
    assert "Nothing new" in again.stdout, again.stderr


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("nowhere", "nowhere: no such folder"),
        ("raw/b.csv", "raw/b.csv is a file; name the folder that it lies in"),
        ("raw", "has no file to read: files that end in .json, .jsonl or .ndjson are read, each also with .gz; 1 file"),
        ("empty", "has no file to read"),
    ],
)
def test_a_wrong_raw_folder_is_one_line(tmp_path: Path, raw: str, said: str) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "raw/b.csv").touch()
    done = lakebox("run", "--raw", raw, cwd=tmp_path, JAVA_HOME="/nowhere")  # it needs no Spark to say so
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert said in done.stderr
