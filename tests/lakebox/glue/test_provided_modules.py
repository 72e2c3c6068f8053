"""Modules that Glue has: the ones that a script imports and that are not here are asked of pip."""

import importlib.util
from pathlib import Path

import pytest

from lakebox.glue.provided_modules import missing_packages

SCRIPT = """
import sys, awswrangler as wr
from sklearn.linear_model import LinearRegression
from awsglue.utils import getResolvedOptions
import left_pad
try:
    import scipy
except ImportError:
    scipy = None
def plot():
    import matplotlib.pyplot
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script's file, where nothing is installed."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    path = tmp_path / "etl.py"
    path.write_text(SCRIPT)
    return path


def test_what_glue_has_is_installed(script: Path) -> None:
    assert missing_packages(script, [], spark=False) == ("awswrangler", "scikit-learn")
    assert missing_packages(script, [], spark=True) == ("matplotlib",)


def test_a_library_set_of_none_has_nothing(script: Path) -> None:
    assert missing_packages(script, ["--library-set", "none"], spark=False) == ()


def test_a_broken_script_imports_nothing(script: Path) -> None:
    script.write_text("import awswrangler\nif")
    assert missing_packages(script, [], spark=False) == ()
