"""Modules that a run asks for: pip is given our versions of what Glue has already, then a free choice."""

import subprocess
from pathlib import Path

import pytest

from lakebox.glue.jobs import place


def test_pip_keeps_our_versions_where_they_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []

    def run(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        if "--constraint" not in words:
            return subprocess.CompletedProcess(words, 0)
        kept.extend(Path(words[words.index("--constraint") + 1]).read_text().split())
        return subprocess.CompletedProcess(words, 1)

    monkeypatch.setattr(place.subprocess, "run", run)
    monkeypatch.setattr(place, "version", lambda name: f"of-{name}")
    done = place._pip_install(tmp_path / "modules.draft", ["six"])
    assert (done.returncode, done.args[-1]) == (0, "six")
    assert kept == ["pandas==of-pandas", "pyarrow==of-pyarrow"]
