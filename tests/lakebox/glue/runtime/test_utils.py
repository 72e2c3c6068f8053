"""getResolvedOptions finds arguments as Glue's does."""

import pytest

from lakebox.glue.runtime.awsglue.utils import GlueArgumentError, getResolvedOptions

ARGV = [
    "script.py",
    "--JOB_NAME",
    "j",
    "--JOB_RUN_ID",
    "jr_1",
    "--in-path",
    "s3://a/b",
    "--empty",
    "",
    "--flag",
    "--n=5",
]


def test_named_arguments_and_glues_own_are_given() -> None:
    assert getResolvedOptions(ARGV, ["JOB_NAME", "in-path", "empty", "flag", "n"]) == {
        "JOB_NAME": "j",
        "JOB_RUN_ID": "jr_1",
        "in_path": "s3://a/b",
        "empty": "",
        "flag": "",
        "n": "5",
    }


def test_a_dash_is_an_underscore() -> None:
    assert getResolvedOptions(ARGV, ["in_path"])["in_path"] == "s3://a/b"


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(GlueArgumentError, match="the following arguments are required: --day, --x"):
        getResolvedOptions(ARGV, ["JOB_NAME", "day", "x"])


def test_abbreviations_are_no_arguments() -> None:
    with pytest.raises(GlueArgumentError):
        getResolvedOptions(ARGV, ["in"])
