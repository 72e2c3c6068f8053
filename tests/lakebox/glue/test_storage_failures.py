"""Storage that can't be read or written: one clear line, the state untouched, and the next run mends all."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import LAKEBOX, lakebox
from lakes import TestLake
from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
DAY = "2025-06-20"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB: room for the sandbox's own state, of which a run needs some, but not for many events."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "lakebox-test", str(disk)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this user may not mount a small disk: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def run(lake: TestLake) -> subprocess.CompletedProcess[str]:
    return lakebox("run", "--raw", str(lake.raw), "--lake", str(lake.folder), "--training_date", DAY)


def write_events(lake: TestLake, file: str, day: str, count: int) -> None:
    kinds, events = ("click", "view", "purchase"), range(count)
    lake.write(
        file,
        [
            {"user_id": f"u{n % 90}", "event_type": kinds[n % 3], "timestamp": f"{day}T10:{n % 60:02d}:00Z", "n": n}
            for n in events
        ],
    )


def test_the_run_after_a_full_disk_mends_all(small_disk: Path, tmp_path: Path, spark: SparkSession) -> None:
    calm, lake = TestLake(tmp_path / "calm", spark), TestLake(tmp_path / "small", spark)
    lake.folder, calm.raw = small_disk / "lake", lake.raw
    write_events(lake, "1.jsonl", "2025-06-17", 20)
    lake.run(training_date=DAY)
    before = lake.tables()
    write_events(lake, "2.jsonl", "2025-06-18", 40_000)
    full = run(lake)
    assert full.returncode == 1
    assert "No space left on device" in full.stderr
    assert "Traceback" not in full.stderr
    assert len([line for line in full.stderr.splitlines() if line.startswith("lakebox: ")]) == 1
    assert lake.tables() == before, "the state is untouched"
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert run(lake).returncode == 0
    calm.run(training_date=DAY)
    assert lake.tables() == calm.tables()


def run_without_privileges(lake: TestLake) -> subprocess.CompletedProcess[str]:
    """The command for a user whom permissions bind; root is bound once it has lost two capabilities."""
    bound = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if bound and shutil.which("setpriv") is None:
        pytest.skip("root may read and write everything, and there is no setpriv")
    arguments = ("run", "--raw", str(lake.raw), "--lake", str(lake.folder), "--training_date", DAY)
    return subprocess.run([*bound, *LAKEBOX, *arguments], capture_output=True, text=True, check=False)


def test_a_folder_without_permission_is_one_clear_line(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    write_events(lake, "1.jsonl", "2025-06-17", 20)
    lake.run(training_date=DAY)
    write_events(lake, "2.jsonl", "2025-06-18", 20)
    for folder, mode in ((lake.root, 0o000), (lake.root / "_state", 0o500)):
        folder.chmod(mode)
        refused = run_without_privileges(lake)
        folder.chmod(0o755)
        assert (refused.returncode, "Permission denied" in refused.stderr) == (1, True), refused.stderr
        assert "Traceback" not in refused.stderr
    assert run_without_privileges(lake).returncode == 0
    assert len(lake.rows("silver_user_events")) == 40


def test_an_unreadable_raw_file_is_one_clear_line(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    write_events(lake, "1.jsonl", "2025-06-17", 20)
    (lake.raw / "2.jsonl").symlink_to("/proc/self/mem")  # which nobody can read from its start
    refused = run(lake)
    assert refused.returncode == 1
    assert "2.jsonl" in refused.stderr
    assert "Traceback" not in refused.stderr
    (lake.raw / "2.jsonl").unlink()
    lake.run("raw_to_bronze")
    assert len(lake.rows("bronze_user_events_parquet")) == 20
