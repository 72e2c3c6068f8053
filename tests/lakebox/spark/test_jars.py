"""Jars from Maven Central: fetched once, checked, kept; a failure is one line that says what to do."""

import hashlib
from pathlib import Path

import pytest

from lakebox.spark.jars import Jar, JarError, fetched

JAR = Jar("org.example", "thing", "1.0", hashlib.sha256(b"jar").hexdigest())
WRITES = """
while [ $# -gt 1 ]; do [ $1 = -retrieve ] && target=$2; shift; done
printf %s jar > $(dirname $target)/thing.jar
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a home of Java and a PATH that a test fills."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    (tmp_path / "java" / "bin").mkdir(parents=True)
    return tmp_path / "cache" / "lakebox" / "jars"


def java(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program `java` into JAVA_HOME, and first on the PATH."""
    program = folder / "java" / "bin" / "java"
    program.write_text(f"#!/bin/sh\n{script}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_a_jar_is_fetched_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(tmp_path, WRITES, monkeypatch)
    assert fetched(JAR) == cache / "thing-1.0.jar"
    java(tmp_path, "exit 1\n", monkeypatch)
    assert fetched(JAR).read_bytes() == b"jar"
    assert [path.name for path in cache.iterdir()] == ["thing-1.0.jar"]


def test_without_network_one_line_says_why(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(tmp_path, "echo 'UnknownHostException: no network'\nexit 1\n", monkeypatch)
    with pytest.raises(JarError, match=r"thing 1.0 could not be fetched.*connect.*UnknownHostException") as raised:
        fetched(JAR)
    assert "\n" not in str(raised.value)
    assert list(cache.iterdir()) == []


def test_another_file_is_not_kept(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(tmp_path, WRITES.replace("%s jar", "%s other"), monkeypatch)
    with pytest.raises(JarError, match="is not the file that lakebox was tested with"):
        fetched(JAR)
    assert list(cache.iterdir()) == []
