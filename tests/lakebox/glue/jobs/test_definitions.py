"""Job definitions through boto3: what is given comes back, what is not has Glue's defaults, errors are Glue's."""

import pytest
from botocore.exceptions import ClientError
from job_sandbox import JobSandbox

COMMAND = {"Name": "glueetl", "ScriptLocation": "s3://scripts/x.py"}


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_job_comes_back_with_defaults(sandbox: JobSandbox) -> None:
    sandbox.glue.create_job(Name="etl", Role="role", Command=COMMAND, WorkerType="G.2X", NumberOfWorkers=3)
    job = sandbox.glue.get_job(JobName="etl")["Job"]
    assert {name: job[name] for name in ("Name", "Role", "MaxRetries", "Timeout", "MaxCapacity", "GlueVersion")} == {
        "Name": "etl",
        "Role": "role",
        "MaxRetries": 0,
        "Timeout": 480,
        "MaxCapacity": 6.0,
        "GlueVersion": "5.1",
    }
    assert job["Command"] == {"Name": "glueetl", "ScriptLocation": "s3://scripts/x.py", "PythonVersion": "3"}
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}


def test_a_name_is_taken_once(sandbox: JobSandbox) -> None:
    sandbox.glue.create_job(Name="etl", Role="role", Command=COMMAND)
    with pytest.raises(ClientError) as raised:
        sandbox.glue.create_job(Name="etl", Role="role", Command=COMMAND)
    assert code_of(raised) == "AlreadyExistsException"


@pytest.mark.parametrize("kind", ["gluestreaming", "glueray"])
def test_streaming_and_ray_are_refused(sandbox: JobSandbox, kind: str) -> None:
    with pytest.raises(ClientError, match="streaming and Ray jobs need AWS"):
        sandbox.glue.create_job(Name="etl", Role="role", Command=COMMAND | {"Name": kind})


def test_an_update_replaces_the_definition(sandbox: JobSandbox) -> None:
    sandbox.glue.create_job(Name="etl", Role="role", Command=COMMAND, Description="old", MaxRetries=1)
    sandbox.glue.update_job(JobName="etl", JobUpdate={"Role": "other", "Command": COMMAND})
    job = sandbox.glue.get_job(JobName="etl")["Job"]
    assert (job["Role"], job["MaxRetries"], "Description" in job) == ("other", 0, False)


def test_jobs_are_listed_in_pages(sandbox: JobSandbox) -> None:
    for name in "abc":
        sandbox.glue.create_job(Name=name, Role="role", Command=COMMAND)
    first = sandbox.glue.list_jobs(MaxResults=2)
    second = sandbox.glue.list_jobs(MaxResults=2, NextToken=first["NextToken"])
    assert (first["JobNames"], second["JobNames"], "NextToken" in second) == (["a", "b"], ["c"], False)
    found = sandbox.glue.batch_get_jobs(JobNames=["c", "z"])
    assert ([job["Name"] for job in found["Jobs"]], found["JobsNotFound"]) == (["c"], ["z"])


def test_jobs_are_listed_by_their_tags(sandbox: JobSandbox) -> None:
    sandbox.glue.create_job(Name="a", Role="role", Command=COMMAND, Tags={"team": "x", "cost": "1"})
    sandbox.glue.create_job(Name="b", Role="role", Command=COMMAND, Tags={"team": "x"})
    assert sandbox.glue.list_jobs(Tags={"team": "x"})["JobNames"] == ["a", "b"]
    sandbox.glue.delete_job(JobName="a")
    sandbox.glue.create_job(Name="a", Role="role", Command=COMMAND)
    assert sandbox.glue.list_jobs(Tags={"team": "x"})["JobNames"] == ["b"]


def test_a_size_is_given_in_one_way(sandbox: JobSandbox) -> None:
    with pytest.raises(ClientError, match="Please set only Allocated Capacity or Max Capacity"):
        sandbox.glue.create_job(Name="etl", Role="role", Command=COMMAND, MaxCapacity=2.0, AllocatedCapacity=2)


def test_a_deleted_job_is_gone(sandbox: JobSandbox) -> None:
    sandbox.glue.create_job(Name="etl", Role="role", Command=COMMAND)
    assert sandbox.glue.delete_job(JobName="etl")["JobName"] == "etl"
    assert sandbox.glue.delete_job(JobName="etl")["JobName"] == "etl"
    for call in (sandbox.glue.get_job, sandbox.glue.start_job_run):
        with pytest.raises(ClientError) as raised:
            call(JobName="etl")
        assert code_of(raised) == "EntityNotFoundException"
