"""Crawlers and classifiers through boto3: what is kept comes back, states, errors, tags, schedules, records."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from crawl_sandbox import CrawlSandbox, parquet

A = parquet([{"id": 1, "name": "x"}])
TARGETS = {"S3Targets": [{"Path": "bucket/d"}]}


def error_of(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_crawler_comes_back_with_defaults(sandbox: CrawlSandbox) -> None:
    sandbox.define("c", "bucket/d", Tags={"team": "x"}, Schedule="cron(15 12 * * ? *)", TablePrefix="raw_")
    crawler = sandbox.glue.get_crawler(Name="c")["Crawler"]
    assert (crawler["State"], crawler["Version"], crawler["CrawlElapsedTime"]) == ("READY", 1, 0)
    assert crawler["Targets"]["S3Targets"] == [{"Path": "bucket/d", "Exclusions": []}]
    assert crawler["SchemaChangePolicy"] == {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
    }
    assert crawler["RecrawlPolicy"] == {"RecrawlBehavior": "CRAWL_EVERYTHING"}
    assert crawler["Schedule"] == {"ScheduleExpression": "cron(15 12 * * ? *)", "State": "SCHEDULED"}
    assert "LastCrawl" not in crawler
    assert error_of(sandbox.define, name="c")[0] == "AlreadyExistsException"


def test_crawlers_are_listed_by_tags_and_pages(sandbox: CrawlSandbox) -> None:
    for name in ("a", "b", "c"):
        sandbox.define(name, "bucket", Tags={"kind": "even"} if name == "b" else {})
    glue = sandbox.glue
    assert glue.list_crawlers(Tags={"kind": "even"})["CrawlerNames"] == ["b"]
    page = glue.list_crawlers(MaxResults=2)
    assert (page["CrawlerNames"], glue.list_crawlers(NextToken=page["NextToken"])["CrawlerNames"]) == (
        ["a", "b"],
        ["c"],
    )
    assert [crawler["Name"] for crawler in glue.get_crawlers()["Crawlers"]] == ["a", "b", "c"]
    found = glue.batch_get_crawlers(CrawlerNames=["c", "none"])
    assert ([one["Name"] for one in found["Crawlers"]], found["CrawlersNotFound"]) == (["c"], ["none"])
    glue.delete_crawler(Name="b")
    assert glue.list_crawlers()["CrawlerNames"] == ["a", "c"]
    assert error_of(glue.get_crawler, Name="b") == ("EntityNotFoundException", "Crawler b not found.")


def test_an_update_replaces_what_is_given(sandbox: CrawlSandbox) -> None:
    sandbox.define("c", "bucket/d", Description="first", Schedule="cron(0 1 * * ? *)")
    sandbox.glue.update_crawler(Name="c", TablePrefix="p_", Targets={"S3Targets": [{"Path": "s3a://bucket/e"}]})
    crawler = sandbox.glue.get_crawler(Name="c")["Crawler"]
    assert (crawler["Version"], crawler["TablePrefix"], crawler["Description"]) == (2, "p_", "first")
    assert crawler["Targets"]["S3Targets"][0]["Path"] == "s3a://bucket/e"
    sandbox.glue.update_crawler(Name="c", Schedule="")
    assert "Schedule" not in sandbox.glue.get_crawler(Name="c")["Crawler"]
    assert error_of(sandbox.glue.update_crawler, Name="none")[0] == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Targets": {"JdbcTargets": [{"ConnectionName": "x", "Path": "db/%"}]}}, "does not crawl JdbcTargets"),
        ({"Targets": {"DynamoDBTargets": [{"Path": "t"}]}}, "does not crawl DynamoDBTargets"),
        ({"Targets": {"S3Targets": [{"Path": "hdfs://x/y"}]}}, "'hdfs://x/y' is no include path"),
        ({"Schedule": "every day"}, "'every day' is neither cron nor rate"),
        ({"Configuration": "{"}, "Configuration is not JSON"),
        (
            {"Configuration": '{"CrawlerOutput":{"Partitions":{"UpdateBehavior":"LOG"}}}'},
            "CrawlerOutput.Partitions contains unsupported keys: UpdateBehavior.",
        ),
        ({"Configuration": '{"Grouping":{"TableLevelConfiguration":0}}'}, "must be a positive number"),
        ({"Classifiers": ["none"]}, "Classifier none does not exist"),
        ({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}}, "no S3 events"),
        (
            {
                "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
                "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE"},
            },
            "can have only LOG DeleteBehavior value and LOG UpdateBehavior value.",
        ),
        (
            {
                "Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]},
                "SchemaChangePolicy": {"DeleteBehavior": "DELETE_FROM_DATABASE"},
            },
            "can have only LOG DeleteBehavior value",
        ),
        (
            {"Targets": {**TARGETS, "CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}},
            "can't be mixed",
        ),
    ],
)
def test_what_is_not_crawled_is_refused(shared: CrawlSandbox, given: dict[str, Any], message: str) -> None:
    request = {"Name": "c", "Role": "r", "DatabaseName": "d", "Targets": TARGETS, **given}
    code, said = error_of(shared.glue.create_crawler, **request)
    assert (code, message in said) == ("InvalidInputException", True), said


PUBLIC: list[dict[str, Any]] = [  # as public projects define them
    {
        "Targets": {
            "CatalogTargets": [],
            "DeltaTargets": [],
            "DynamoDBTargets": [],
            "HudiTargets": [],
            "IcebergTargets": [],
            "JdbcTargets": [],
            "MongoDBTargets": [],
            "S3Targets": [{"Exclusions": [], "Path": "s3://bucket/d"}],
        },
        "Classifiers": [],
        "Configuration": '{"Version":1.0,"CreatePartitionIndex":true}',
        "LakeFormationConfiguration": {"AccountId": "", "UseLakeFormationCredentials": False},
    },
    {
        "Targets": {"S3Targets": [{"Path": "s3://bucket/d/"}]},
        "TablePrefix": "cfn_sample_1-weather",
        "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
        "Configuration": '{"Version":1.0,"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"},'
        '"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}}}',
    },
    {
        "Targets": {"S3Targets": [{"Path": "bucket/d", "Exclusions": ["**.wav", "**/*.tmp", "**/.DS_Store"]}]},
        "Schedule": "cron(0 0/6 ? * MON-FRI *)",
    },
    {
        "Targets": {"S3Targets": [{"Path": "s3://bucket/d/", "SampleSize": 100}]},
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
        "Configuration": '{"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas",'
        ' "TableLevelConfiguration": 2}, "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"},'
        ' "Tables": {"AddOrUpdateBehavior": "MergeNewColumns", "TableThreshold": 20}}}',
    },
]


@pytest.mark.parametrize("given", PUBLIC)
def test_public_definitions_are_taken(shared: CrawlSandbox, given: dict[str, Any]) -> None:
    shared.put("bucket", {"d/k=1/x.parquet": A})
    name = f"public-{PUBLIC.index(given)}"
    role = "arn:aws:iam::123456789012:role/service-role/AWSGlueServiceRole"
    shared.glue.create_crawler(Name=name, Role=role, DatabaseName=name, **given)
    shared.glue.update_crawler(Name=name, Role=role, DatabaseName=name, **given)
    assert shared.run(name)["Status"] == "SUCCEEDED"
    (table,) = shared.tables(name)
    assert (table["Name"], len(shared.partitions(name, table["Name"]))) == (
        "cfn_sample_1_weatherd" if "TablePrefix" in given else "d",
        1,
    )


def test_a_crawl_is_on_record(sandbox: CrawlSandbox) -> None:
    sandbox.put("bucket", {"d/k=1/x.parquet": A, "d/k=2/x.parquet": A, "d/k=3/bad.parquet": b"PAR1"})
    sandbox.define("c", "s3n://bucket/d")
    last = sandbox.run("c")
    assert (last["Status"], last["LogGroup"], last["LogStream"]) == ("SUCCEEDED", "/aws-glue/crawlers", "c")
    assert "d/k=3/bad.parquet: no Parquet file" in last["ErrorMessage"]
    (crawl,) = sandbox.glue.list_crawls(CrawlerName="c")["Crawls"]
    assert (crawl["State"], crawl["CrawlId"]) == ("COMPLETED", last["MessagePrefix"])
    assert crawl["Summary"] == '{"TABLE": {"ADD": {"Count": 1, "Names": ["d"]}}, "PARTITION": {"ADD": {"Count": 2}}}'
    assert crawl["EndTime"] >= crawl["StartTime"]
    (metrics,) = sandbox.glue.get_crawler_metrics(CrawlerNameList=["c"])["CrawlerMetricsList"]
    assert (metrics["TablesCreated"], metrics["StillEstimating"]) == (1, False)
    assert metrics["LastRuntimeSeconds"] == metrics["MedianRuntimeSeconds"] > 0


def test_crawls_are_filtered(sandbox: CrawlSandbox) -> None:
    sandbox.put("bucket", {"d/x.parquet": A})
    sandbox.define("c", "bucket/d")
    for _ in range(3):
        sandbox.run("c")
    crawls = sandbox.glue.list_crawls(CrawlerName="c")["Crawls"]
    assert [one["StartTime"] for one in crawls] == sorted((one["StartTime"] for one in crawls), reverse=True)
    at = str(crawls[1]["StartTime"].timestamp() * 1000)

    def ids(field: str, operator: str, value: str) -> list[str]:
        condition = {"FieldName": field, "FilterOperator": operator, "FieldValue": value}
        return [one["CrawlId"] for one in sandbox.glue.list_crawls(CrawlerName="c", Filters=[condition])["Crawls"]]

    assert ids("CRAWL_ID", "EQ", crawls[2]["CrawlId"]) == [crawls[2]["CrawlId"]]
    assert ids("STATE", "EQ", "FAILED") == []
    assert ids("START_TIME", "GE", at)[:1] == [crawls[0]["CrawlId"]]
    assert ids("START_TIME", "LT", crawls[1]["StartTime"].isoformat())[-1:] == [crawls[2]["CrawlId"]]
    assert ids("END_TIME", "LT", "0") == []
    assert ids("DPU_HOUR", "LE", "0") == [one["CrawlId"] for one in crawls]
    assert error_of(ids, field="START_TIME", operator="GT", value="today")[0] == "InvalidInputException"


def test_a_missing_bucket_fails_a_crawl(sandbox: CrawlSandbox) -> None:
    sandbox.define("c", "s3://no-such-bucket/d")
    last = sandbox.run("c")
    assert (last["Status"], "no-such-bucket" in last["ErrorMessage"]) == ("FAILED", True)
    assert sandbox.glue.list_crawls(CrawlerName="c")["Crawls"][0]["State"] == "FAILED"


def test_schedules_are_stopped_and_started(sandbox: CrawlSandbox) -> None:
    glue = sandbox.glue
    sandbox.define("c", "bucket/d")
    assert error_of(glue.start_crawler_schedule, CrawlerName="c")[0] == "NoScheduleException"
    assert error_of(glue.stop_crawler_schedule, CrawlerName="c")[0] == "SchedulerNotRunningException"
    glue.update_crawler_schedule(CrawlerName="c", Schedule="cron(0/5 * ? * MON-FRI *)")
    assert error_of(glue.start_crawler_schedule, CrawlerName="c")[0] == "SchedulerRunningException"
    glue.stop_crawler_schedule(CrawlerName="c")
    assert glue.get_crawler(Name="c")["Crawler"]["Schedule"]["State"] == "NOT_SCHEDULED"
    assert error_of(glue.stop_crawler_schedule, CrawlerName="c")[0] == "SchedulerNotRunningException"
    glue.start_crawler_schedule(CrawlerName="c")
    assert glue.get_crawler(Name="c")["Crawler"]["Schedule"]["State"] == "SCHEDULED"
    wrong = {"CrawlerName": "c", "Schedule": "rate(5 minutes)"}
    assert error_of(glue.update_crawler_schedule, **wrong)[0] == "InvalidInputException"


def test_classifiers_come_back(sandbox: CrawlSandbox) -> None:
    glue = sandbox.glue
    glue.create_classifier(CsvClassifier={"Name": "csv", "Delimiter": ";", "Header": ["a", "b"]})
    glue.create_classifier(JsonClassifier={"Name": "json", "JsonPath": "$[*]"})
    assert glue.get_classifier(Name="csv")["Classifier"]["CsvClassifier"]["Header"] == ["a", "b"]
    glue.update_classifier(JsonClassifier={"Name": "json", "JsonPath": "$.rows[*]"})
    kept = glue.get_classifier(Name="json")["Classifier"]["JsonClassifier"]
    assert (kept["JsonPath"], kept["Version"]) == ("$.rows[*]", 2)
    assert [next(iter(one)) for one in glue.get_classifiers()["Classifiers"]] == ["CsvClassifier", "JsonClassifier"]
    glue.delete_classifier(Name="csv")
    assert error_of(glue.delete_classifier, Name="csv")[0] == "EntityNotFoundException"
    assert error_of(glue.get_classifier, Name="csv")[0] == "EntityNotFoundException"
    csv = {"Name": "json", "Delimiter": ","}
    assert error_of(glue.update_classifier, CsvClassifier=csv)[0] == "InvalidInputException"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"GrokClassifier": {"Name": "g", "Classification": "log", "GrokPattern": "%{NUMBER:n}"}},
            "lakebox has no classifiers for Grok patterns (GrokClassifier)",
        ),
        ({"XMLClassifier": {"Name": "x", "Classification": "xml"}}, "lakebox has no classifiers for XML"),
        ({"JsonClassifier": {"Name": "j", "JsonPath": "rows"}}, "the JSON path 'rows' is not of the form"),
        ({"CsvClassifier": {"Name": "c", "Delimiter": "|", "QuoteSymbol": "|"}}, "QuoteSymbol must be different"),
        ({"CsvClassifier": {"Name": "c", "CustomDatatypes": ["money"]}}, "CustomDatatypes has MONEY"),
    ],
)
def test_classifiers_that_lakebox_lacks_are_refused(shared: CrawlSandbox, given: dict[str, Any], message: str) -> None:
    code, said = error_of(shared.glue.create_classifier, **given)
    assert (code, message in said) == ("InvalidInputException", True), said
