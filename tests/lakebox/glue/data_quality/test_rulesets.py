"""Rulesets by boto3: what is kept, found and refused."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from job_sandbox import JobSandbox

RULES = 'Rules = [ RowCount > 0, IsComplete "name" ]'


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    """Code and message."""
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_ruleset_is_made_changed_and_deleted(sandbox: JobSandbox) -> None:
    table = {"DatabaseName": "shop", "TableName": "orders"}
    made = sandbox.glue.create_data_quality_ruleset(Name="r", Description="d", Ruleset=RULES, TargetTable=table)
    assert made["Name"] == "r"
    kept = sandbox.glue.get_data_quality_ruleset(Name="r")
    assert (kept["Description"], kept["Ruleset"], kept["TargetTable"]) == ("d", RULES, table)
    changed = sandbox.glue.update_data_quality_ruleset(Name="r", Ruleset="Rules = [ RowCount > 1 ]")
    assert (changed["Description"], changed["Ruleset"]) == ("d", "Rules = [ RowCount > 1 ]")
    sandbox.glue.delete_data_quality_ruleset(Name="r")
    with pytest.raises(ClientError) as gone:
        sandbox.glue.get_data_quality_ruleset(Name="r")
    assert refusal(gone) == ("EntityNotFoundException", "Data Quality Ruleset r does not exist")


def test_rulesets_are_listed_by_table_time_and_tags(sandbox: JobSandbox) -> None:
    table, now = {"DatabaseName": "shop", "TableName": "customers"}, datetime.now(UTC)
    sandbox.glue.create_data_quality_ruleset(Name="one", Ruleset=RULES, TargetTable=table, Tags={"team": "a"})
    sandbox.glue.create_data_quality_ruleset(Name="two", Ruleset="Rules = [ RowCount > 0 ]")

    def listed(**wanted: object) -> list[str]:
        return [found["Name"] for found in sandbox.glue.list_data_quality_rulesets(**wanted)["Rulesets"]]

    assert listed() == ["one", "two"]
    assert listed(Filter={"TargetTable": table}) == ["one"]
    assert listed(Filter={"Name": "two"}) == ["two"]
    assert listed(Filter={"CreatedBefore": now - timedelta(days=1)}) == []
    assert listed(Filter={"CreatedAfter": now - timedelta(days=1)}) == ["one", "two"]
    assert listed(Tags={"team": "a"}) == ["one"]
    arn = "arn:aws:glue:us-east-1:000000000000:dataQualityRuleset/one"
    assert sandbox.glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "a"}
    first = sandbox.glue.list_data_quality_rulesets(MaxResults=1)
    assert [found["RuleCount"] for found in first["Rulesets"]] == [2]
    assert sandbox.glue.list_data_quality_rulesets(NextToken=first["NextToken"])["Rulesets"][0]["Name"] == "two"
    for name in ("one", "two"):
        sandbox.glue.delete_data_quality_ruleset(Name=name)


def test_what_can_not_be_evaluated_is_refused_by_name(sandbox: JobSandbox) -> None:
    with pytest.raises(ClientError) as refused:
        sandbox.glue.create_data_quality_ruleset(Name="x", Ruleset='Rules = [ DatasetMatch "ref" "id" = 1 ]')
    code, message = refusal(refused)
    assert code == "InvalidInputException"
    assert message.startswith("line 1 of the DQDL ruleset: rule type DatasetMatch is not supported by lakebox: ")
    sandbox.glue.create_data_quality_ruleset(Name="x", Ruleset=RULES)
    with pytest.raises(ClientError) as refused:
        sandbox.glue.update_data_quality_ruleset(Name="x", Ruleset="Rules = [ IsComplete ]")
    assert refusal(refused)[1].startswith("line 1 of the DQDL ruleset: IsComplete takes one column, not 0")
    with pytest.raises(ClientError) as refused:
        sandbox.glue.create_data_quality_ruleset(Name="x", Ruleset=RULES)
    assert refusal(refused) == ("AlreadyExistsException", "Ruleset with name x already exists")
    sandbox.glue.delete_data_quality_ruleset(Name="x")
