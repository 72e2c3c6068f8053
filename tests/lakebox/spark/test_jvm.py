"""Spark's JVM: it listens here alone, it goes with this process, and where it can't start the reason is said."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lakebox.spark import jvm as spark_jvm
from lakebox.spark.java import environment
from lakebox.spark.jvm import JvmError, start_jvm

pytestmark = pytest.mark.spark

START = """
import os, sys
from lakebox.spark.local_session import local_session
session = local_session()
assert session.range(3).count() == 3
assert session.range(3).mapInArrow(lambda batches: batches, "id long").count() == 3  # PySpark counts accumulators now
assert not [name for name in os.environ if name.startswith("PYSPARK_GATEWAY")], "children would join this JVM"
print("up", flush=True)
"""

LATE = """
import atexit, logging
atexit.register(lambda: logging.error("Exception while sending command."))  # as py4j's finalizer may, once Java is gone
"""

END = """
frames = [session.range(3) for _ in range(300)]
del frames
"""


def run(code: str, folder: Path) -> subprocess.Popen[str]:
    env = {**os.environ, **environment(), "TMPDIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def java_processes_with(folder: Path) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if str(folder) in line and "java" in line.split()[1]]


def test_it_ends_with_its_process_and_says_nothing(tmp_path: Path) -> None:
    process = run(LATE + START + END, tmp_path)
    output, errors = process.communicate(timeout=500)
    assert (process.returncode, output, errors) == (0, "up\n", "")
    assert java_processes_with(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_it_ends_when_its_process_is_killed(tmp_path: Path) -> None:
    process = run(START + "import time; time.sleep(600)", tmp_path)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        assert len(java_processes_with(tmp_path)) == 1
    finally:
        process.kill()
        process.communicate()
    deadline = time.monotonic() + 300
    while java_processes_with(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert java_processes_with(tmp_path) == []
    following = run(START, tmp_path)
    assert following.communicate(timeout=500)[0] == "up\n"
    assert following.returncode == 0
    assert java_processes_with(tmp_path) == [], "it ends with its process"
    assert list(tmp_path.iterdir()) == [], "and sweeps up"


def test_a_broken_java_is_one_clear_error(capfd: pytest.CaptureFixture[str]) -> None:
    jvm = start_jvm(str(Path(environment()["JAVA_HOME"], "bin", "java")), ["-XX:NoSuchOption"], dict(os.environ))
    with pytest.raises(JvmError, match="what it printed above says why"):
        jvm.gateway()
    jvm.end()
    assert "NoSuchOption" in capfd.readouterr().err
    assert not jvm.scratch.exists()


def test_without_pyspark_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_jvm, "find_spec", lambda _: None)
    with pytest.raises(JvmError, match="make clean demo"):
        spark_jvm.spark_home()
