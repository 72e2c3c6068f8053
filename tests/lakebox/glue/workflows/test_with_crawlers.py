"""Crawlers in workflows and on schedules, with real crawls: job, then crawler, then a job that reads the table."""

from flows import Flows
from job_sandbox import JobSandbox

PUT = "import boto3\nboto3.client('s3').put_object(Bucket='data', Key='people/x.csv', Body=b'name,age\\nAnn,41\\n')\n"
READ = """
import boto3
table = boto3.client("glue").get_table(DatabaseName="people_db", Name="people")["Table"]
print([(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]])
"""


def test_a_job_follows_a_crawl(sandbox: JobSandbox) -> None:
    flows, glue = Flows(sandbox), sandbox.glue
    (sandbox.root / "data").mkdir()
    sandbox.define("put", PUT)
    sandbox.define("read", READ)
    targets = {"S3Targets": [{"Path": "s3://data/people/"}]}
    glue.create_crawler(Name="crawl", Role="r", DatabaseName="people_db", Targets=targets)
    glue.create_workflow(Name="flow")
    flows.starts("first", "put", WorkflowName="flow")
    flows.follows("second", ["put"], WorkflowName="flow", Actions=[{"CrawlerName": "crawl"}])
    condition = {"LogicalOperator": "EQUALS", "CrawlerName": "crawl", "CrawlState": "SUCCEEDED"}
    flows.follows("third", [], "read", WorkflowName="flow", Predicate={"Conditions": [condition]})
    run = flows.run("flow")
    assert (run["Status"], run["Statistics"]["SucceededActions"]) == ("COMPLETED", 3)
    crawls = [node["CrawlerDetails"]["Crawls"] for node in run["Graph"]["Nodes"] if node["Type"] == "CRAWLER"]
    assert [crawl["State"] for (crawl,) in crawls] == ["SUCCEEDED"]
    assert sandbox.output(flows.only_run("read")) == "[('name', 'string'), ('age', 'bigint')]\n"


def test_a_failed_crawl_stops_what_follows(sandbox: JobSandbox) -> None:
    flows, glue = Flows(sandbox), sandbox.glue
    flows.jobs("after")
    targets = {"S3Targets": [{"Path": "s3://no-such-bucket/people/"}]}
    glue.create_crawler(Name="crawl", Role="r", DatabaseName="people_db", Targets=targets)
    glue.create_workflow(Name="flow")
    flows.starts("first", WorkflowName="flow", Actions=[{"CrawlerName": "crawl"}])
    condition = {"LogicalOperator": "EQUALS", "CrawlerName": "crawl", "CrawlState": "SUCCEEDED"}
    flows.follows("second", [], "after", WorkflowName="flow", Predicate={"Conditions": [condition]})
    run = flows.run("flow")
    assert (run["Status"], run["Statistics"]["FailedActions"]) == ("COMPLETED", 1)
    assert glue.get_job_runs(JobName="after")["JobRuns"] == []
