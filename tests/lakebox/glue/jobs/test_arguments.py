"""A run's arguments: merged and passed as Glue does, special ones read."""

import pytest

from lakebox.endpoint.service import ServiceError
from lakebox.glue.jobs.arguments import argv_of, conf_of, merged, special_of


def test_a_runs_arguments_win_over_the_jobs() -> None:
    job = {"DefaultArguments": {"--a": "1", "--b": "2"}, "NonOverridableArguments": {"--d": "5"}}
    assert merged(job, {"--b": "3", "c": "4", "d": "6"}) == {"--a": "1", "--b": "3", "--c": "4", "--d": "5"}


def test_names_of_the_run_come_first() -> None:
    words = argv_of({"--a": "", "--conf": "x=y", "--JOB_NAME": "mine"}, {"JOB_NAME": "j", "JOB_RUN_ID": "jr"})
    assert words == ["--JOB_RUN_ID", "jr", "--a", "", "--JOB_NAME", "mine"]


def test_one_value_holds_several_settings() -> None:
    assert conf_of("spark.a=1 --conf spark.b=x=y  --conf spark.c=") == {"spark.a": "1", "spark.b": "x=y", "spark.c": ""}
    assert conf_of("--conf spark.a=1 --conf=spark.b=2\n--conf spark.c=3") == {
        "spark.a": "1",
        "spark.b": "2",
        "spark.c": "3",
    }
    assert conf_of("") == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"--conf": "nonsense"}, "is not name=value"),
        ({"--datalake-formats": "iceberg,hudi"}, "--datalake-formats hudi is not supported by lakebox: use iceberg"),
    ],
)
def test_what_can_not_be_done_is_said(arguments: dict[str, str], said: str) -> None:
    with pytest.raises(ServiceError, match=said):
        special_of(arguments)


def test_lists_are_parted_by_commas() -> None:
    special = special_of(
        {"--extra-py-files": "s3://a/x.py, s3://a/y.zip", "--additional-python-modules": "six==1.16.0"}
    )
    assert not special.uses_catalog
    assert (special.py_files, special.modules, special.jars) == (("s3://a/x.py", "s3://a/y.zip"), ("six==1.16.0",), ())
