"""Job runs through boto3: states, arguments, errors, retries, limits, and scripts that misbehave."""

import zipfile
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from job_sandbox import JobSandbox

WAITS_TO_BE_KILLED = "import signal\nprint('at work', flush=True)\nsignal.pause()\n"


def test_a_run_succeeds_and_keeps_its_output(sandbox: JobSandbox) -> None:
    sandbox.define("hello", "import sys\nprint('hello', *sys.argv[1:])\n", DefaultArguments={"--a": "1", "--b": "2"})
    run = sandbox.run("hello", Arguments={"--b": "", "--c-d": "true"})
    assert run["JobRunState"] == "SUCCEEDED"
    given = f"--JOB_NAME hello --JOB_ID j_hello --JOB_RUN_ID {run['Id']}"
    assert sandbox.output(run) == f"hello {given} --a 1 --b  --c-d true\n"
    assert (run["Attempt"], run["MaxCapacity"], run["Timeout"]) == (0, 0.0625, 2880)
    assert run["CompletedOn"] >= run["StartedOn"]


def test_a_run_shows_all_of_its_arguments(sandbox: JobSandbox) -> None:
    fixed, defaults = {"--fixed": "1"}, {"--a": "default", "--b": "default"}
    sandbox.define(
        "shows", "import sys\nprint(*sys.argv[7:])\n", DefaultArguments=defaults, NonOverridableArguments=fixed
    )
    run = sandbox.run("shows", Arguments={"--b": "given", "--fixed": "2"})
    assert run["Arguments"] == {"--a": "default", "--b": "given", "--fixed": "1"}
    assert sandbox.output(run) == "--a default --b given --fixed 1\n"


def test_a_run_is_started_again_by_its_id(sandbox: JobSandbox) -> None:
    sandbox.define("again", "print('done')\n")
    first = sandbox.run("again", AllocatedCapacity=1)
    second = sandbox.run("again", JobRunId=first["Id"], MaxCapacity=1.0)
    assert (second["PreviousRunId"], second["Id"] == first["Id"]) == (first["Id"], False)
    assert (first["MaxCapacity"], second["AllocatedCapacity"]) == (1.0, 1)
    for wrong, code in (
        ({"JobRunId": "jr_none"}, "EntityNotFoundException"),
        ({"MaxCapacity": 1.0, "AllocatedCapacity": 1}, "InvalidInputException"),
    ):
        with pytest.raises(ClientError) as raised:
            sandbox.start("again", **wrong)
        assert raised.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("x = 1\n1 / 0\n", "Failed Line Number: 2; ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", "Failed Line Number: 2; SystemExit: 3"),
        ("import sys\nsys.exit('no input')\n", "Failed Line Number: 2; SystemExit: no input"),
        ("def f(:\n", "SyntaxError: invalid syntax"),
        ("import os\nos._exit(7)\n", "the script ended with status 7"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "the process was ended by signal 9"),
        ("import sys\nsys.stdout.close()\nsys.stderr.close()\nraise KeyError('k')\n", "KeyError: 'k'"),
    ],
)
def test_a_failed_run_says_why(sandbox: JobSandbox, script: str, message: str) -> None:
    sandbox.define("bad", script)
    run = sandbox.run("bad")
    assert run["JobRunState"] == "FAILED"
    assert message in run["ErrorMessage"]


def test_a_traceback_shows_the_script_alone(sandbox: JobSandbox) -> None:
    sandbox.define("bad", "def f():\n    raise ValueError('x')\n\nf()\n")
    output = sandbox.output(sandbox.run("bad"))
    assert output.count("File ") == 2
    assert "launch.py" not in output


def test_exit_with_nothing_is_success(sandbox: JobSandbox) -> None:
    sandbox.define("ends", "import sys\nsys.exit()\n")
    assert sandbox.run("ends")["JobRunState"] == "SUCCEEDED"


def test_a_missing_script_fails_the_run(sandbox: JobSandbox) -> None:
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/none.py"}
    sandbox.glue.create_job(Name="none", Role="role", Command=command)
    run = sandbox.run("none")
    assert run["JobRunState"] == "FAILED"
    assert "s3://scripts/none.py does not exist" in run["ErrorMessage"]


def test_a_failing_run_is_retried(sandbox: JobSandbox) -> None:
    script = (
        "from pathlib import Path\nmark = Path('../mark')\nif not mark.exists():\n    mark.touch()\n    raise OSError\n"
    )
    sandbox.define("flaky", script, MaxRetries=2)
    first = sandbox.run("flaky")
    second = sandbox.wait("flaky", f"{first['Id']}_attempt_1")
    assert (first["JobRunState"], second["JobRunState"]) == ("FAILED", "SUCCEEDED")
    assert (second["Attempt"], second["PreviousRunId"]) == (1, first["Id"])
    assert [run["Id"] for run in sandbox.glue.get_job_runs(JobName="flaky")["JobRuns"]] == [second["Id"], first["Id"]]


def test_a_run_can_be_stopped(sandbox: JobSandbox) -> None:
    sandbox.define("waits", WAITS_TO_BE_KILLED)
    run_id = sandbox.start("waits")
    sandbox.wait("waits", run_id, "RUNNING")
    answer = sandbox.glue.batch_stop_job_run(JobName="waits", JobRunIds=[run_id, "jr_none"])
    assert [entry["JobRunId"] for entry in answer["SuccessfulSubmissions"]] == [run_id]
    assert answer["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    assert sandbox.wait("waits", run_id)["JobRunState"] == "STOPPED"


def test_one_run_at_a_time_unless_more_are_allowed(sandbox: JobSandbox) -> None:
    sandbox.define("waits", WAITS_TO_BE_KILLED)
    run_id = sandbox.start("waits")
    with pytest.raises(ClientError, match="Concurrent runs exceeded for waits") as raised:
        sandbox.start("waits")
    assert raised.value.response["Error"]["Code"] == "ConcurrentRunsExceededException"
    sandbox.glue.batch_stop_job_run(JobName="waits", JobRunIds=[run_id])
    sandbox.wait("waits", run_id)


def test_twenty_runs_at_once_all_end(sandbox: JobSandbox) -> None:
    sandbox.define("quick", "print('done')\n", ExecutionProperty={"MaxConcurrentRuns": 20})
    ids = [sandbox.start("quick") for _ in range(20)]
    assert [sandbox.wait("quick", run_id)["JobRunState"] for run_id in ids] == ["SUCCEEDED"] * 20


def test_much_output_is_cut(sandbox: JobSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lakebox.glue.jobs.processes.KEPT_OUTPUT", 1000)
    sandbox.define("loud", "for _ in range(100):\n    print('x' * 10_000)\n")
    run = sandbox.run("loud")
    assert run["JobRunState"] == "SUCCEEDED"
    assert sandbox.output(run).startswith("x" * 1000 + "\n[lakebox keeps")
    assert len(sandbox.output(run)) < 2000


def test_what_a_run_leaves_behind_is_ended(sandbox: JobSandbox) -> None:
    child = "import subprocess, sys\nchild = subprocess.Popen(['sleep', '1000'])\nprint(child.pid)\n"
    sandbox.define("parent", child)
    run = sandbox.run("parent")
    pid = int(sandbox.output(run))
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]


def test_modules_and_files_of_a_job_are_found(sandbox: JobSandbox) -> None:
    sandbox.script("jobs.py", "NAME = 'the user has a module called jobs'\n")
    with zipfile.ZipFile(sandbox.root / "scripts" / "catalog.zip", "w") as archive:
        archive.writestr("catalog/__init__.py", "NAME = 'and a package called catalog'\n")
    sandbox.script("note.txt", "and a file")
    sandbox.define(
        "imports",
        "import jobs, catalog\nprint(jobs.NAME, catalog.NAME, open('note.txt').read(), sep=', ')\n",
        DefaultArguments={
            "--extra-py-files": "s3://scripts/jobs.py,s3://scripts/catalog.zip",
            "--extra-files": "s3://scripts/note.txt",
        },
    )
    run = sandbox.run("imports")
    assert sandbox.output(run) == "the user has a module called jobs, and a package called catalog, and a file\n"


def test_boto3_in_a_script_reaches_the_sandbox(sandbox: JobSandbox) -> None:
    sandbox.define(
        "asks", "import boto3\nprint(boto3.client('glue', region_name='eu-west-1').get_jobs()['Jobs'][0]['Name'])\n"
    )
    assert sandbox.output(sandbox.run("asks")) == "asks\n"


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("s3://scripts/../.lakebox/keys.json", "can't hold an object with the key"),
        ("s3://.lakebox/keys.json", "bucket is not valid"),
        ("file:///etc/passwd", "is not an s3://bucket/key URI"),
    ],
)
def test_no_script_lies_outside_the_buckets(sandbox: JobSandbox, uri: str, message: str) -> None:
    command = {"Name": "pythonshell", "ScriptLocation": uri}
    sandbox.glue.create_job(Name="out", Role="role", Command=command)
    run = sandbox.run("out")
    assert run["JobRunState"] == "FAILED"
    assert message in run["ErrorMessage"]


@pytest.mark.spark
def test_spark_reads_and_writes_buckets(sandbox: JobSandbox) -> None:
    (sandbox.root / "data" / "in").mkdir(parents=True)
    (sandbox.root / "data" / "in" / "people.csv").write_text("name,age\nAnn,41\nBob,17\n")
    script = """
        from pyspark.context import SparkContext
        from pyspark.sql import SparkSession

        spark = SparkSession(SparkContext())
        people = spark.read.csv("s3://data/in/", header=True, inferSchema=True)
        people.filter("age > 18").write.mode("overwrite").partitionBy("age").parquet("s3a://data/out/")
        print(spark.read.csv("s3://data", header=True, recursiveFileLookup=True, pathGlobFilter="*.csv").count())
        print(spark.read.parquet("s3://data/out").collect())
    """
    sandbox.define("spark", "\n".join(line[8:] for line in script.splitlines()), kind="glueetl")
    run = sandbox.run("spark")
    assert sandbox.output(run).splitlines()[-1] == "[Row(name='Ann', age=41)]"
    assert run["JobRunState"] == "SUCCEEDED"
    files = [path.name for path in (sandbox.root / "data" / "out").rglob("*") if path.is_file()]
    assert [name for name in files if not name.endswith(".parquet")] == []


BOOKMARKED = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
read = {"connection_type": "s3", "connection_options": {"paths": ["s3://data/in/"]}, "format": "csv"}
new = glue.create_dynamic_frame.from_options(**read, format_options={"withHeader": True}, transformation_ctx="new")
print("new rows:", new.count())
job.commit()
"""


@pytest.mark.spark
def test_bookmarks_read_what_is_new(sandbox: JobSandbox) -> None:
    (sandbox.root / "data" / "in").mkdir(parents=True)
    enabled = {"--job-bookmark-option": "job-bookmark-enable"}
    sandbox.define("new", BOOKMARKED, kind="glueetl", DefaultArguments=enabled)
    counts = []
    for number in range(2):
        (sandbox.root / "data" / "in" / f"{number}.csv").write_text("a\n" + "x\n" * (number + 1))
        counts.append(sandbox.output(sandbox.run("new")).splitlines()[-1])
    assert counts == ["new rows: 1", "new rows: 2"]
    assert "1.csv" in sandbox.glue.get_job_bookmark(JobName="new")["JobBookmarkEntry"]["JobBookmark"]
    sandbox.glue.reset_job_bookmark(JobName="new")
    assert sandbox.output(sandbox.run("new")).splitlines()[-1] == "new rows: 3"
    sandbox.glue.delete_job(JobName="new")
    with pytest.raises(sandbox.glue.exceptions.EntityNotFoundException):
        sandbox.glue.get_job_bookmark(JobName="new")


SINK = """
import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from pyspark.context import SparkContext

glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
rows = spark.createDataFrame([("a", 1, "2026-01-01"), ("b", 2, "2026-01-02")], ["Name", "n", "day"])
sink = glue.getSink(
    connection_type="s3", path="s3://data/orders/", enableUpdateCatalog=True, updateBehavior="UPDATE_IN_DATABASE",
    partitionKeys=["day"], compression="snappy", transformation_ctx="sink",
)
sink.setFormat("glueparquet")
sink.setCatalogInfo(catalogDatabase="my-shop", catalogTableName="Orders")
sink.writeFrame(DynamicFrame.fromDF(rows, glue, "rows"))
read = glue.create_dynamic_frame.from_catalog(
    database="my-shop", table_name="orders", push_down_predicate="day >= '2026-01-02'"
)
print(read.toDF().collect())
glue.write_dynamic_frame.from_catalog(frame=read.apply_mapping([("name", "name"), ("n", "bigint", "n", "bigint"),
    ("day", "string", "day", "string")]), database="my-shop", table_name="orders")
print(glue.create_data_frame.from_catalog(database="my-shop", table_name="orders").count())
print(spark.catalog.databaseExists("my-shop"), spark.sql("SHOW DATABASES").count())
print(spark.sql("SELECT DISTINCT name, day FROM `my-shop`.orders WHERE day > '2026-01-01'").collect())
spark.table("`my-shop`.orders").write.mode("overwrite").option("path", "s3://data/copy/").saveAsTable("`my-shop`.copied")
spark.sql("INSERT INTO `my-shop`.orders PARTITION (day) VALUES ('c', 3, '2026-01-03')")
print(spark.sql("SELECT count(*) AS n FROM `my-shop`.orders").collect())
"""


@pytest.mark.spark
def test_a_sink_makes_a_table_that_all_read(sandbox: JobSandbox) -> None:
    (sandbox.root / "data").mkdir()
    sandbox.glue.create_database(DatabaseInput={"Name": "my-shop"})
    sandbox.define("sink", SINK, kind="glueetl", DefaultArguments={"--enable-glue-datacatalog": ""})
    run = sandbox.run("sink")
    assert run["JobRunState"] == "SUCCEEDED", sandbox.output(run)
    assert sandbox.output(run).splitlines()[-5:] == [
        "[Row(name='b', n=2, day='2026-01-02')]",
        "3",
        "True 2",
        "[Row(name='b', day='2026-01-02')]",
        "[Row(n=4)]",
    ]
    table = sandbox.glue.get_table(DatabaseName="my-shop", Name="orders")["Table"]
    assert [column["Type"] for column in table["StorageDescriptor"]["Columns"]] == ["string", "bigint"]
    partitions = sandbox.glue.get_partitions(DatabaseName="my-shop", TableName="orders")["Partitions"]
    assert [part["StorageDescriptor"]["Location"].rstrip("/") for part in partitions] == [
        f"s3://data/orders/day=2026-01-0{day}" for day in (1, 2, 3)
    ]
    assert sandbox.glue.get_table(DatabaseName="my-shop", Name="copied")["Table"]["StorageDescriptor"]["Location"]


QUALITY = """
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import SelectFromCollection
from awsgluedq.transforms import EvaluateDataQuality
from pyspark.context import SparkContext

glue = GlueContext(SparkContext.getOrCreate())
rows = glue.spark_session.createDataFrame([("a", 1), (None, 2)], ["k", "n"])
frame = DynamicFrame.fromDF(rows, glue, "rows")
others = DynamicFrame.fromDF(glue.spark_session.createDataFrame([("a",)], ["k"]), glue, "others")
ruleset = 'Rules = [ RowCount = 2, IsComplete "k", ReferentialIntegrity "k" "ref.k" = 0.5, RowCount > last(),'
ruleset += '(IsComplete "k") or (ColumnValues "n" > 1) labels = ["team" = "a"],'
ruleset += 'ColumnValues "n" > 1 where "k is null" ]'
published = {"dataQualityEvaluationContext": "x", "enableDataQualityResultsPublishing": True}
published["resultsS3Prefix"] = "s3://scripts/results"
options = {"compositeRuleEvaluation.method": "ROW", "rowLevelConfiguration.filteredRowLabel": "SKIPPED"}
checked = EvaluateDataQuality().process_rows(
    frame=frame, additional_data_sources={"ref": others}, ruleset=ruleset,
    publishing_options=published, additional_options=options,
)
for row in SelectFromCollection.apply(dfc=checked, key="ruleOutcomes").toDF().collect():
    print(row.Rule, row.Outcome, row.FailureReason, dict(sorted(row.EvaluatedMetrics.items())), row.Labels)
rows = SelectFromCollection.apply(dfc=checked, key="rowLevelOutcomes").toDF().orderBy("n").collect()
print([row.DataQualityEvaluationResult for row in rows], rows[0].DataQualityRulesSkip)
print(EvaluateDataQuality.apply(frame=frame, ruleset='Rules = [ IsComplete "n" ]').count())
"""


@pytest.mark.spark
def test_data_quality_is_evaluated_published_and_looked_back_at(sandbox: JobSandbox) -> None:
    sandbox.define("quality", QUALITY, kind="glueetl")
    run = sandbox.run("quality")
    assert sandbox.output(run).splitlines()[-8:] == [
        "RowCount = 2 Passed None {'Dataset.*.RowCount': 2.0} {}",
        "IsComplete \"k\" Failed of 2 rows, 1 without k {'Column.k.Completeness': 0.5} {}",
        'ReferentialIntegrity "k" "ref.k" = 0.5 Passed None {\'Column.ref.ReferentialIntegrity\': 0.5} {}',
        "RowCount > last() Passed None {'Dataset.*.RowCount': 2.0} {}",
        '(IsComplete "k") or (ColumnValues "n" > 1) Passed None'
        " {'Column.k.Completeness': 0.5, 'Column.n.Maximum': 2.0, 'Column.n.Minimum': 1.0} {'team': 'a'}",
        'ColumnValues "n" > 1 where "k is null" Passed None'
        " {'Column.n.Maximum (where: k is null)': 2.0, 'Column.n.Minimum (where: k is null)': 2.0} {}",
        "['Passed', 'Failed'] ['RowCount = 2', 'RowCount > last()', 'ColumnValues \"n\" > 1 where \"k is null\"']",
        "1",
    ]
    again = sandbox.run("quality")
    assert "RowCount > last() Failed the number of rows is 2, not > 2.0" in sandbox.output(again)
    listed = sandbox.glue.list_data_quality_results(Filter={"JobName": "quality"})["Results"]
    assert [result["JobRunId"] for result in listed] == [again["Id"], run["Id"]]
    result = sandbox.glue.get_data_quality_result(ResultId=listed[1]["ResultId"])
    assert (result["Score"], result["EvaluationContext"], len(result["RuleResults"])) == (5 / 6, "x", 6)
    assert (sandbox.root / "scripts" / "results" / f"{listed[1]['ResultId']}.json").is_file()
