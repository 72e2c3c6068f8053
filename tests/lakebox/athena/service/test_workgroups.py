"""Workgroups, their tags and named queries through boto3."""

from typing import Any

import pytest
from athena_sandbox import AthenaSandbox
from botocore.exceptions import ClientError

ARN = "arn:aws:athena:us-east-1:000000000000:workgroup/"


@pytest.fixture(autouse=True)
def buckets(sandbox: AthenaSandbox) -> None:
    """Buckets for results."""
    for name in ("own", "asked"):
        sandbox.s3.create_bucket(Bucket=name)


def results(location: str, **more: Any) -> dict[str, Any]:
    """A workgroup's configuration."""
    return {"ResultConfiguration": {"OutputLocation": location}, **more}


def test_primary_is_there_from_the_start(sandbox: AthenaSandbox) -> None:
    primary = sandbox.athena.get_work_group(WorkGroup="primary")["WorkGroup"]
    assert (primary["State"], primary["Configuration"]["EnforceWorkGroupConfiguration"]) == ("ENABLED", False)
    location = primary["Configuration"]["ResultConfiguration"]["OutputLocation"]
    assert location == "s3://aws-athena-query-results-000000000000-us-east-1/"
    with pytest.raises(ClientError, match="primary can't be deleted"):
        sandbox.athena.delete_work_group(WorkGroup="primary")


def test_a_workgroup_is_made_with_athenas_defaults(sandbox: AthenaSandbox) -> None:
    sandbox.athena.create_work_group(Name="team", Description="ours", Configuration=results("s3://own/"))
    made = sandbox.athena.get_work_group(WorkGroup="team")["WorkGroup"]
    del made["CreationTime"]
    version = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
    assert made == {
        "Name": "team",
        "State": "ENABLED",
        "Description": "ours",
        "Configuration": {
            "ResultConfiguration": {"OutputLocation": "s3://own/"},
            "EnforceWorkGroupConfiguration": True,
            "PublishCloudWatchMetricsEnabled": True,
            "RequesterPaysEnabled": False,
            "EnableMinimumEncryptionConfiguration": False,
            "EngineVersion": version,
        },
    }
    listed = sandbox.athena.list_work_groups()["WorkGroups"]
    assert [(one["Name"], one["Description"]) for one in listed] == [("primary", ""), ("team", "ours")]
    with pytest.raises(ClientError, match="WorkGroup already exists"):
        sandbox.athena.create_work_group(Name="team")


def test_an_enforced_workgroup_ignores_the_client(sandbox: AthenaSandbox) -> None:
    sandbox.athena.create_work_group(Name="strict", Configuration=results("s3://own/a"))
    sandbox.athena.create_work_group(
        Name="loose", Configuration=results("s3://own/b", EnforceWorkGroupConfiguration=False)
    )
    asked = {"OutputLocation": "s3://asked/"}
    for workgroup, wanted in (("strict", "s3://own/a/"), ("loose", "s3://asked/")):
        execution = sandbox.run("SELECT 1", WorkGroup=workgroup, ResultConfiguration=asked)
        assert execution["ResultConfiguration"]["OutputLocation"].rpartition("/")[0] + "/" == wanted
    assert sandbox.run("SELECT 1", WorkGroup="loose")["ResultConfiguration"]["OutputLocation"].startswith("s3://own/b/")


def test_without_an_output_location_nothing_runs(sandbox: AthenaSandbox) -> None:
    sandbox.athena.create_work_group(Name="bare")
    with pytest.raises(ClientError, match="No output location provided"):
        sandbox.start("SELECT 1", WorkGroup="bare")
    with pytest.raises(ClientError, match="WorkGroup is not found"):
        sandbox.start("SELECT 1", WorkGroup="none")


def test_updates_change_what_they_name(sandbox: AthenaSandbox) -> None:
    limits = {"BytesScannedCutoffPerQuery": 10_000_000, "EnforceWorkGroupConfiguration": False}
    sandbox.athena.create_work_group(Name="team", Configuration=results("s3://own/", **limits))
    changes = {"ResultConfigurationUpdates": {"OutputLocation": "s3://asked/"}, "EnforceWorkGroupConfiguration": True}
    sandbox.athena.update_work_group(WorkGroup="team", ConfigurationUpdates=changes, Description="new")
    changed = sandbox.athena.get_work_group(WorkGroup="team")["WorkGroup"]
    configuration = changed["Configuration"]
    assert (changed["Description"], configuration["EnforceWorkGroupConfiguration"]) == ("new", True)
    assert configuration["ResultConfiguration"] == {"OutputLocation": "s3://asked/"}
    assert configuration["BytesScannedCutoffPerQuery"] == 10_000_000
    removed = {
        "ResultConfigurationUpdates": {"RemoveOutputLocation": True},
        "RemoveBytesScannedCutoffPerQuery": True,
    }
    sandbox.athena.update_work_group(WorkGroup="team", ConfigurationUpdates=removed)
    configuration = sandbox.athena.get_work_group(WorkGroup="team")["WorkGroup"]["Configuration"]
    assert (configuration["ResultConfiguration"], "BytesScannedCutoffPerQuery" in configuration) == ({}, False)


def test_a_disabled_workgroup_runs_nothing(sandbox: AthenaSandbox) -> None:
    sandbox.athena.create_work_group(Name="team", Configuration=results("s3://own/"))
    sandbox.athena.update_work_group(WorkGroup="team", State="DISABLED")
    with pytest.raises(ClientError, match="WorkGroup team is disabled"):
        sandbox.start("SELECT 1", WorkGroup="team")
    sandbox.athena.update_work_group(WorkGroup="team", State="ENABLED")
    assert sandbox.run("SELECT 1", WorkGroup="team")["Status"]["State"] == "SUCCEEDED"


def test_a_full_workgroup_is_deleted_only_on_demand(sandbox: AthenaSandbox) -> None:
    sandbox.athena.create_work_group(Name="team", Configuration=results("s3://own/"))
    execution = sandbox.run("SELECT 1", WorkGroup="team")
    with pytest.raises(ClientError, match="WorkGroup team is not empty"):
        sandbox.athena.delete_work_group(WorkGroup="team")
    sandbox.athena.delete_work_group(WorkGroup="team", RecursiveDeleteOption=True)
    with pytest.raises(ClientError, match="was not found"):
        sandbox.execution(execution["QueryExecutionId"])


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"EngineVersion": {"SelectedEngineVersion": "PySpark engine version 3"}}, "lakebox has Athena engine"),
        ({"ManagedQueryResultsConfiguration": {"Enabled": True}}, "no managed query results"),
        ({"ExecutionRole": "arn:aws:iam::000000000000:role/spark"}, "lakebox has no ExecutionRole"),
        ({"ResultConfiguration": {"OutputLocation": "bucket/a"}}, "not a valid S3 path"),
        ({"BytesScannedCutoffPerQuery": 1}, "10000000"),
    ],
)
def test_what_lakebox_lacks_is_refused(sandbox: AthenaSandbox, configuration: Any, message: str) -> None:
    with pytest.raises(Exception, match=message):
        sandbox.athena.create_work_group(Name="team", Configuration=configuration)


def test_tags_are_kept(sandbox: AthenaSandbox) -> None:
    sandbox.athena.create_work_group(Name="team", Tags=[{"Key": "a", "Value": "1"}])
    sandbox.athena.tag_resource(ResourceARN=f"{ARN}team", Tags=[{"Key": "b", "Value": "2"}])
    sandbox.athena.untag_resource(ResourceARN=f"{ARN}team", TagKeys=["a"])
    tags = sandbox.athena.list_tags_for_resource(ResourceARN=f"{ARN}team")["Tags"]
    assert tags == [{"Key": "b", "Value": "2"}]
    with pytest.raises(ClientError, match="Does Not Exist"):
        sandbox.athena.list_tags_for_resource(ResourceARN=f"{ARN}none")


def test_named_queries_are_kept_by_workgroup(sandbox: AthenaSandbox) -> None:
    athena = sandbox.athena
    athena.create_work_group(Name="team")
    given = {"Name": "n", "Database": "d", "QueryString": "SELECT 1", "WorkGroup": "team"}
    query_id = athena.create_named_query(**given, ClientRequestToken="t" * 32)["NamedQueryId"]
    assert athena.create_named_query(**given, ClientRequestToken="t" * 32)["NamedQueryId"] == query_id
    assert athena.get_named_query(NamedQueryId=query_id)["NamedQuery"] == {**given, "NamedQueryId": query_id}
    assert athena.list_named_queries(WorkGroup="team")["NamedQueryIds"] == [query_id]
    assert athena.list_named_queries()["NamedQueryIds"] == []
    athena.update_named_query(NamedQueryId=query_id, Name="m", QueryString="SELECT 2")
    batch = athena.batch_get_named_query(NamedQueryIds=[query_id, "none"])
    assert [(one["Name"], one["QueryString"]) for one in batch["NamedQueries"]] == [("m", "SELECT 2")]
    assert [one["NamedQueryId"] for one in batch["UnprocessedNamedQueryIds"]] == ["none"]
    athena.delete_named_query(NamedQueryId=query_id)
    with pytest.raises(ClientError, match="was not found"):
        athena.get_named_query(NamedQueryId=query_id)
