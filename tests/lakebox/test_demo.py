"""How the demo starts over: in its own folder only, and never under a run."""

from dataclasses import replace
from pathlib import Path

import pytest

from jobs.lake.errors import LakeboxError
from jobs.lake.layout import Batch, BronzeState, Staged
from jobs.lake.open_store import open_store
from jobs.lake.protocol import LOCK, Lake, LakeError
from lakebox.demo import MARK, _start_over
from lakebox.settings import REPOSITORY


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_demo_starts_over_in_its_own_folder(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    _start_over(str(lake))
    for key in ("silver/a=1/x.parquet", "_state/ledger/1.json", "loose.txt"):
        open_store(str(lake)).write(key, b"x")
    _start_over(str(lake))
    assert files(lake) == {LOCK, MARK}
    assert [entry.name for entry in lake.iterdir()] == ["_state"]


def test_the_demo_touches_nothing_under_a_run(tmp_path: Path) -> None:
    _start_over(str(tmp_path))
    store = open_store(str(tmp_path))
    store.write("silver/x.parquet", b"x")
    with Lake(store).hold("run 1"), pytest.raises(LakeError, match="a run is at work on"):
        _start_over(str(tmp_path))
    assert store.read("silver/x.parquet") == b"x"


def test_the_demo_leaves_another_ones_lake_alone(tmp_path: Path) -> None:
    open_store(str(tmp_path)).write("silver/x.parquet", b"x")
    with pytest.raises(LakeboxError, match="holds data that the demo did not make"):
        _start_over(str(tmp_path))
    assert files(tmp_path) == {"silver/x.parquet"}


def test_the_demo_keeps_a_users_own_events(tmp_path: Path) -> None:
    _start_over(str(tmp_path))
    lake = Lake(open_store(str(tmp_path)))
    sample = f"{REPOSITORY}/sample_data/2025-06-17/app.json"
    for number, file in enumerate((sample, "/home/me/events.jsonl"), start=1):
        _start_over(str(tmp_path))
        with lake.hold(f"run {number}"):
            batch = Batch(number, f"run {number}", (file,), 0, 0, 0, (), None)
            lake.commit_batch(replace(batch, number=1), Staged(), Staged(), BronzeState())
    with pytest.raises(LakeboxError, match="holds events of your own beside the demo's"):
        _start_over(str(tmp_path))
    assert lake.bronze().last_batch == 1
