"""The verbs around jobs on the stack, from the host: job run, runs, logs, env; serve says who answers."""

from pathlib import Path

import boto3
import pytest
from stack.running_stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]


def test_a_script_of_this_machine_runs_and_is_on_record(stack: Stack, tmp_path: Path) -> None:
    script = tmp_path / "verbs_report.py"
    script.write_text("import sys\nprint('day', sys.argv[sys.argv.index('--day') + 1])\n")
    for day in ("2026-01-02", "2026-01-03"):
        assert stack.lakebox("job", "run", str(script), "--shell", "--day", day).stdout == f"day {day}\n"
    line = next(line for line in stack.lakebox("runs").stdout.splitlines() if "verbs_report" in line)
    run_id = line.split("│")[1].strip()
    assert "SUCCEEDED" in line
    assert stack.lakebox("logs", run_id).stdout == "day 2026-01-03\n"


def test_a_failed_script_ends_with_one_line(stack: Stack, tmp_path: Path) -> None:
    script = tmp_path / "verbs_bad.py"
    script.write_text("raise ValueError('no rows')\n")
    done = stack.lakebox("job", "run", str(script), "--shell", check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("lakebox: FAILED: Error Category: UNCLASSIFIED_ERROR; ")


def test_env_points_clients_at_the_stack(stack: Stack) -> None:
    lines = stack.lakebox("env").stdout.splitlines()
    values = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    keys = {name.lower(): values[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    for service, variable in (("glue", "AWS_ENDPOINT_URL"), ("sts", "AWS_ENDPOINT_URL"), ("s3", "AWS_ENDPOINT_URL_S3")):
        client = boto3.client(service, endpoint_url=values[variable], region_name="us-east-1", **keys)  # type: ignore[call-overload]
        ask = {"glue": "get_databases", "sts": "get_caller_identity", "s3": "list_buckets"}[service]
        assert getattr(client, ask)()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_serve_says_that_the_stack_answers(stack: Stack) -> None:
    done = stack.lakebox("serve", check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "the stack's service api answers already" in done.stderr
