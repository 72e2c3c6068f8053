"""Each job as a plain script, as Glue runs it: one file, one zip of jobs/ and catalog/, Glue's own arguments."""

import ast
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest

from lakebox.spark.java import environment

pytestmark = pytest.mark.spark

REPOSITORY = Path(__file__).parents[2]
SCRIPTS = ("raw_to_bronze", "bronze_to_silver", "check_silver", "silver_to_gold")
GLUE_ARGUMENTS = ["--JOB_NAME", "x", "--JOB_RUN_ID", "jr_1", "--TempDir", "s3://t/", "--enable-metrics", "true",
                  "--job-bookmark-option", "job-bookmark-disable", "--something_new_of_glue", "1"]  # fmt: skip
# One event needs neither the JVM's thorough compiler nor 200 partitions.
SMALL_SPARK = {
    "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1",
    "PYSPARK_SUBMIT_ARGS": "--conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=4 pyspark-shell",
}


@pytest.fixture
def glue(tmp_path: Path) -> Path:
    """An empty folder with the scripts, and the zip beside them, built from the repository's files alone."""
    folder = tmp_path / "glue"
    folder.mkdir()
    with zipfile.ZipFile(folder / "lakebox.zip", "w") as archive:
        for package in ("jobs", "catalog"):
            for path in sorted((REPOSITORY / package).rglob("*")):
                if path.suffix in (".py", ".dqdl"):
                    archive.write(path, path.relative_to(REPOSITORY))
    for script in SCRIPTS:
        (folder / f"{script}.py").write_bytes((REPOSITORY / "jobs" / f"{script}.py").read_bytes())
    return folder


def run_script(glue: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script from its folder, with nothing of the repository on the path but the zip."""
    env = {**os.environ, **environment(), **SMALL_SPARK, "PYTHONPATH": str(glue / "lakebox.zip"), "PYTHONSAFEPATH": "1"}
    code = (
        "import sys; sys.path[:] = [path for path in sys.path if not path.rstrip('/').endswith('main')];"
        f"sys.path.insert(0, {str(glue / 'lakebox.zip')!r});"
        "sys.meta_path[:] = [finder for finder in sys.meta_path if 'editable' not in str(finder).lower()];"
        "import runpy; script = sys.argv.pop(1); sys.argv[0] = script; runpy.run_path(script, run_name='__main__')"
    )
    command = [sys.executable, "-c", code, f"{script}.py", *arguments]
    return subprocess.run(command, cwd=glue, env=env, capture_output=True, text=True, timeout=300, check=False)


def test_the_four_scripts_and_a_zip_make_the_lake(glue: Path, tmp_path: Path) -> None:
    raw, lake = tmp_path / "raw", tmp_path / "lake"
    raw.mkdir()
    event = {"user_id": "u1", "event_type": "click", "timestamp": "2025-06-17T14:05:00Z"}
    (raw / "x.json").write_text(json.dumps(event))
    common = ["--lake_uri", str(lake), "--raw_uri", str(raw), "--training_date", "2025-06-17", *GLUE_ARGUMENTS]
    for script in SCRIPTS:
        done = run_script(glue, script, *common)
        assert done.returncode == 0, done.stderr
    gold = duckdb.read_parquet(str(lake / "gold/user_features/training_date=2025-06-17/*.parquet"))
    assert gold.select("user_id, click_count, event_count").fetchall() == [("u1", 1, 1)]
    runs = duckdb.read_parquet(str(lake / "audit/pipeline_runs/*.parquet"))
    assert sorted(runs.select("job_name, status").fetchall()) == sorted((script, "SUCCEEDED") for script in SCRIPTS)


def test_a_typo_outside_glue_ends_with_status_2_and_a_suggestion(glue: Path, tmp_path: Path) -> None:
    done = run_script(glue, "bronze_to_silver", "--lake_url", str(tmp_path))
    assert done.returncode == 2
    assert (
        done.stderr.strip() == "bronze_to_silver: --lake_url is not an argument of this job; did you mean --lake_uri?"
    )


def test_a_missing_raw_folder_ends_with_status_1_and_one_line(glue: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere")
    done = run_script(glue, "raw_to_bronze", "--lake_uri", str(tmp_path / "lake"), "--raw_uri", missing)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        f"raw_to_bronze: {missing}: no such folder; check the path (raw files are put there by you, a lake by a run)"
    )
    assert "Traceback" not in done.stderr


def test_jobs_import_what_glue_has() -> None:
    allowed = set(sys.stdlib_module_names) | {"pyspark", "catalog", "jobs"}
    for path in sorted((REPOSITORY / "jobs").rglob("*.py")):
        tree = ast.parse(path.read_text())
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        foreign = {name.split(".")[0] for name in names} - allowed
        assert foreign <= ({"boto3", "botocore", "pyarrow"} if path.parent.name == "lake" else set()), path


def test_jobs_use_plain_dataframes_so_that_they_run_through_spark_connect() -> None:
    forbidden = (
        "sparkContext",
        "_jvm",
        "_jsc",
        ".rdd",
        "persist(",
        ".cache()",
        "input_file_name",
        "multiLine",
        "os.environ",
    )
    for path in sorted((REPOSITORY / "jobs").rglob("*.py")):
        found = [word for word in forbidden if word in path.read_text()]
        assert not found, (path, found)
