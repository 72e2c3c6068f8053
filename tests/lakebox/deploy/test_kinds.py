"""Each type of resource: the requests that make, change and delete it, checked by botocore's models."""

from typing import Any

import pytest
from deploy_sandbox import DeploySandbox, Recorder

Pair = tuple[DeploySandbox, Recorder]
CASES: dict[str, tuple[str, dict[str, Any], str, dict[str, Any], dict[str, Any]]] = {
    "AWS::Glue::Database": (
        "{CatalogId: 1, DatabaseInput: {Name: d, Description: a}}",
        {"DatabaseInput": {"Name": "d", "Description": "a"}, "Tags": {}},
        "{CatalogId: 1, DatabaseInput: {Name: d, Description: b}}",
        {"Name": "d", "DatabaseInput": {"Name": "d", "Description": "b"}},
        {"Name": "d"},
    ),
    "AWS::Glue::Table": (
        "{DatabaseName: d, TableInput: {Name: t, Retention: '1'}}",
        {"DatabaseName": "d", "TableInput": {"Name": "t", "Retention": 1}},
        "{DatabaseName: d, TableInput: {Name: t, Retention: 2}}",
        {"DatabaseName": "d", "Name": "t", "TableInput": {"Name": "t", "Retention": 2}},
        {"DatabaseName": "d", "Name": "t"},
    ),
    "AWS::Glue::Partition": (
        "{DatabaseName: d, TableName: t, PartitionInput: {Values: [1]}}",
        {"DatabaseName": "d", "TableName": "t", "PartitionInput": {"Values": ["1"]}},
        "{DatabaseName: d, TableName: t, PartitionInput: {Values: [1], Parameters: {a: 1}}}",
        {
            "DatabaseName": "d",
            "TableName": "t",
            "PartitionValueList": ["1"],
            "PartitionInput": {"Values": ["1"], "Parameters": {"a": "1"}},
        },
        {"DatabaseName": "d", "TableName": "t", "PartitionValues": ["1"]},
    ),
    "AWS::Glue::Connection": (
        "{CatalogId: 1, ConnectionInput: {Name: c, ConnectionType: JDBC, ConnectionProperties: {USERNAME: u}}}",
        {
            "ConnectionInput": {"Name": "c", "ConnectionType": "JDBC", "ConnectionProperties": {"USERNAME": "u"}},
            "Tags": {},
        },
        "{CatalogId: 1, ConnectionInput: {Name: c, ConnectionType: JDBC, ConnectionProperties: {USERNAME: v}}}",
        {
            "Name": "c",
            "ConnectionInput": {"Name": "c", "ConnectionType": "JDBC", "ConnectionProperties": {"USERNAME": "v"}},
        },
        {"ConnectionName": "c"},
    ),
    "AWS::Glue::Classifier": (
        "{CsvClassifier: {Name: c, Delimiter: ',', AllowSingleColumn: false, ContainsCustomDatatype: [INT]}}",
        {"CsvClassifier": {"Name": "c", "Delimiter": ",", "AllowSingleColumn": False, "CustomDatatypes": ["INT"]}},
        "{CsvClassifier: {Name: c, Delimiter: ;}}",
        {"CsvClassifier": {"Name": "c", "Delimiter": ";"}},
        {"Name": "c"},
    ),
    "AWS::Glue::Crawler": (
        "{Name: c, Role: r, DatabaseName: d, Schedule: {ScheduleExpression: 'cron(0 1 * * ? *)'},"
        " Configuration: {Version: 1.0}, Targets: {S3Targets: [{Path: b/x, Exclusions: ['**.tmp'], SampleSize: '3'}],"
        " DynamoDBTargets: [{Path: t, ScanAll: 'false'}]}, Tags: [{Key: a, Value: b}]}",
        {
            "Name": "c",
            "Role": "r",
            "DatabaseName": "d",
            "Schedule": "cron(0 1 * * ? *)",
            "Configuration": '{"Version":1.0}',
            "Targets": {
                "S3Targets": [{"Path": "b/x", "Exclusions": ["**.tmp"], "SampleSize": 3}],
                "DynamoDBTargets": [{"Path": "t", "scanAll": False}],
            },
            "Tags": {"a": "b"},
        },
        "{Name: c, Role: r, Targets: {S3Targets: [{Path: s3://b/y}]}, Tags: [{Key: a, Value: b}]}",
        {
            "Name": "c",
            "Role": "r",
            "Targets": {"S3Targets": [{"Path": "s3://b/y"}]},
            "DatabaseName": "",
            "Schedule": "",
            "Configuration": "",
        },
        {"Name": "c"},
    ),
    "AWS::Glue::Job": (
        "{Name: j, Role: r, Command: {Name: glueetl, ScriptLocation: s3://b/x.py}, MaxCapacity: '2', MaxRetries: 1,"
        " AllocatedCapacity: 2, Connections: {Connections: [c]}, DefaultArguments: {--a: 1, --b: true}}",
        {
            "Name": "j",
            "Role": "r",
            "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/x.py"},
            "MaxCapacity": 2.0,
            "MaxRetries": 1,
            "Connections": {"Connections": ["c"]},
            "DefaultArguments": {"--a": "1", "--b": "true"},
            "Tags": {},
        },
        "{Name: j, Role: r, Command: {Name: glueetl, ScriptLocation: s3://b/y.py}, MaxCapacity: 2, WorkerType: G.1X,"
        " NumberOfWorkers: 2}",
        {
            "JobName": "j",
            "JobUpdate": {
                "Role": "r",
                "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/y.py"},
                "WorkerType": "G.1X",
                "NumberOfWorkers": 2,
            },
        },
        {"JobName": "j"},
    ),
    "AWS::Glue::Workflow": (
        "{Name: w, DefaultRunProperties: {day: 1}, MaxConcurrentRuns: '2'}",
        {"Name": "w", "DefaultRunProperties": {"day": "1"}, "MaxConcurrentRuns": 2, "Tags": {}},
        "{Name: w, Description: new}",
        {"Name": "w", "Description": "new", "DefaultRunProperties": {}},
        {"Name": "w"},
    ),
    "AWS::Glue::Trigger": (
        "{Name: t, Type: CONDITIONAL, WorkflowName: w, StartOnCreation: 'true', Actions: [{JobName: j, Timeout: '5'}],"
        " Predicate: {Conditions: [{JobName: i, State: SUCCEEDED, LogicalOperator: EQUALS}]}}",
        {
            "Name": "t",
            "Type": "CONDITIONAL",
            "WorkflowName": "w",
            "StartOnCreation": True,
            "Actions": [{"JobName": "j", "Timeout": 5}],
            "Predicate": {"Conditions": [{"JobName": "i", "State": "SUCCEEDED", "LogicalOperator": "EQUALS"}]},
            "Tags": {},
        },
        "{Name: t, Type: CONDITIONAL, WorkflowName: w, StartOnCreation: 'true', Actions: [{CrawlerName: c}]}",
        {"Name": "t", "TriggerUpdate": {"Name": "t", "Actions": [{"CrawlerName": "c"}]}},
        {"Name": "t"},
    ),
    "AWS::Glue::DataQualityRuleset": (
        "{Name: q, Ruleset: 'Rules = [ RowCount > 1 ]', TargetTable: {DatabaseName: d, TableName: t}}",
        {
            "Name": "q",
            "Ruleset": "Rules = [ RowCount > 1 ]",
            "TargetTable": {"DatabaseName": "d", "TableName": "t"},
            "Tags": {},
        },
        "{Name: q, Ruleset: 'Rules = [ RowCount > 2 ]', TargetTable: {DatabaseName: d, TableName: t}}",
        {"Name": "q", "Ruleset": "Rules = [ RowCount > 2 ]"},
        {"Name": "q"},
    ),
    "AWS::Athena::WorkGroup": (
        "{Name: w, WorkGroupConfiguration: {EnforceWorkGroupConfiguration: 'true',"
        " BytesScannedCutoffPerQuery: '10000000', ResultConfiguration: {OutputLocation: s3://b/}},"
        " Tags: [{Key: a, Value: b}], RecursiveDeleteOption: true}",
        {
            "Name": "w",
            "Configuration": {
                "EnforceWorkGroupConfiguration": True,
                "BytesScannedCutoffPerQuery": 10000000,
                "ResultConfiguration": {"OutputLocation": "s3://b/"},
            },
            "Tags": [{"Key": "a", "Value": "b"}],
        },
        "{Name: w, Description: new, WorkGroupConfiguration: {EnforceWorkGroupConfiguration: false},"
        " Tags: [{Key: a, Value: b}]}",
        {
            "WorkGroup": "w",
            "Description": "new",
            "State": "ENABLED",
            "ConfigurationUpdates": {
                "EnforceWorkGroupConfiguration": False,
                "RemoveBytesScannedCutoffPerQuery": True,
                "ResultConfigurationUpdates": {"RemoveOutputLocation": True, "RemoveEncryptionConfiguration": True},
            },
        },
        {"WorkGroup": "w", "RecursiveDeleteOption": True},
    ),
    "AWS::Athena::DataCatalog": (
        "{Name: c, Type: HIVE, Parameters: {metadata-function: x}}",
        {"Name": "c", "Type": "HIVE", "Parameters": {"metadata-function": "x"}},
        "{Name: c, Type: HIVE, Parameters: {metadata-function: y}}",
        {"Name": "c", "Type": "HIVE", "Parameters": {"metadata-function": "y"}},
        {"Name": "c"},
    ),
    "AWS::Athena::NamedQuery": (
        "{Name: n, Database: d, QueryString: SELECT 1, WorkGroup: w}",
        {"Name": "n", "Database": "d", "QueryString": "SELECT 1", "WorkGroup": "w"},
        "{Name: n, Database: d, QueryString: SELECT 2, WorkGroup: w}",
        {"NamedQueryId": "query-0", "Name": "n", "QueryString": "SELECT 2"},
        {"NamedQueryId": "query-0"},
    ),
    "AWS::Athena::PreparedStatement": (
        "{StatementName: pp, WorkGroup: w, QueryStatement: 'SELECT ?'}",
        {"StatementName": "pp", "WorkGroup": "w", "QueryStatement": "SELECT ?"},
        "{StatementName: pp, WorkGroup: w, QueryStatement: 'SELECT ?, 1'}",
        {"StatementName": "pp", "WorkGroup": "w", "QueryStatement": "SELECT ?, 1"},
        {"StatementName": "pp", "WorkGroup": "w"},
    ),
}


def template(type_name: str, properties: str) -> str:
    return f"Resources: {{It: {{Type: '{type_name}', Properties: {properties}}}}}"


def without_token(calls: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Requests without the tokens that boto3 adds."""
    return [(name, {k: v for k, v in request.items() if k != "ClientRequestToken"}) for name, request in calls]


@pytest.mark.parametrize("type_name", sorted(CASES))
def test_a_resource_is_made_changed_and_deleted(recorded: Pair, type_name: str) -> None:
    sandbox, recorder = recorded
    properties, created, changed, updated, deleted = CASES[type_name]
    noun = type_name.rpartition("::")[2]
    assert sandbox.deploy(template(type_name, properties)) == {"It": "made"}
    assert without_token(recorder.taken()) == [(f"Create{noun}", created)]
    assert sandbox.deploy(template(type_name, properties)) == {"It": "unchanged"}
    assert recorder.taken() == []
    assert sandbox.deploy(template(type_name, changed)) == {"It": "updated"}
    assert without_token(recorder.taken()) == [(f"Update{noun}", updated)]
    assert sandbox.delete() == {"It": "removed"}
    assert recorder.taken() == [(f"Delete{noun}", deleted)]


@pytest.mark.parametrize(
    ("type_name", "before", "after"),
    [
        ("AWS::Glue::Trigger", "{Name: t, Type: ON_DEMAND, Actions: []}", "{Name: t, Type: CONDITIONAL, Actions: []}"),
        (
            "AWS::Athena::NamedQuery",
            "{Name: n, Database: a, QueryString: SELECT 1}",
            "{Name: n, Database: b, QueryString: SELECT 1}",
        ),
        (
            "AWS::Glue::SecurityConfiguration",
            "{Name: s, EncryptionConfiguration: {S3Encryptions: [{S3EncryptionMode: SSE-S3}]}}",
            "{Name: s, EncryptionConfiguration: {}}",
        ),
    ],
)
def test_what_no_update_can_change_is_made_anew(recorded: Pair, type_name: str, before: str, after: str) -> None:
    sandbox, recorder = recorded
    sandbox.deploy(template(type_name, before))
    recorder.taken()
    assert sandbox.deploy(template(type_name, after)) == {"It": "made anew"}
    noun = type_name.rpartition("::")[2]
    assert [name for name, _ in recorder.taken()] == [f"Delete{noun}", f"Create{noun}"]


def test_tags_that_change_are_set_and_removed(recorded: Pair) -> None:
    sandbox, recorder = recorded
    for tags in ("{a: 1, b: 2}", "{a: 1, c: 3}"):
        sandbox.deploy(template("AWS::Glue::Workflow", f"{{Name: w, Tags: {tags}}}"))
    arn = "arn:aws:glue:us-east-1:000000000000:workflow/w"
    assert recorder.taken()[2:] == [
        ("TagResource", {"ResourceArn": arn, "TagsToAdd": {"a": "1", "c": "3"}}),
        ("UntagResource", {"ResourceArn": arn, "TagsToRemove": ["b"]}),
    ]


def test_a_disabled_workgroup_is_disabled_at_once(recorded: Pair) -> None:
    sandbox, recorder = recorded
    sandbox.deploy(template("AWS::Athena::WorkGroup", "{Name: w, State: DISABLED}"))
    assert [name for name, _ in recorder.taken()] == ["CreateWorkGroup", "UpdateWorkGroup"]


def test_the_primary_workgroup_is_never_deleted(recorded: Pair) -> None:
    sandbox, recorder = recorded
    sandbox.deploy(template("AWS::Athena::WorkGroup", "{Name: primary}"))
    recorder.taken()
    assert (sandbox.delete(), recorder.taken()) == ({"It": "kept"}, [])


def test_a_trigger_on_demand_is_not_started(recorded: Pair) -> None:
    sandbox, recorder = recorded
    (step,) = sandbox.steps(
        template("AWS::Glue::Trigger", "{Name: t, Type: ON_DEMAND, StartOnCreation: true, Actions: [{JobName: j}]}")
    )
    ((_, request),) = recorder.taken()
    assert (step.note, "StartOnCreation" in request) == ("without StartOnCreation", False)


def test_unknown_properties_are_listed(recorded: Pair) -> None:
    sandbox, _ = recorded
    (step,) = sandbox.steps(template("AWS::Glue::Workflow", "{Name: w, Nmae: x}"))
    assert step.note == "without Nmae"
