"""Fixtures of the lake's tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def folding_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes Click for click, as those of macOS and Windows do."""
    mkdir = os.mkdir
    monkeypatch.setattr(os, "mkdir", lambda path, mode: mkdir(Path(path).with_name(Path(path).name.lower()), mode))
