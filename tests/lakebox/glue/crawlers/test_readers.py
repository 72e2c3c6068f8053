"""Tables of a crawl are read by Glue jobs: DynamicFrames from the catalog, and Spark SQL."""

import pytest
from crawl_sandbox import CrawlSandbox, json_lines, orc_file, parquet, zipped
from job_sandbox import JobSandbox

READ = """
import sys
from awsglue.context import GlueContext
from pyspark.context import SparkContext

glue = GlueContext(SparkContext.getOrCreate())
for name in ("csv", "json", "orc", "parquet", "quoted", "zipped"):
    rows = glue.create_dynamic_frame.from_catalog(database="c", table_name=name).toDF().orderBy("id").collect()
    print(name, [tuple(row) for row in rows])
for name in ("csv", "orc", "parquet", "zipped"):
    print("sql", name, glue.spark_session.sql(f"SELECT count(id), max(k), max(id) FROM c.{name}").first())
"""
FILES = {"zipped": "f.csv.gz"}  # Hadoop unpacks by the name alone


@pytest.mark.spark
def test_glue_jobs_read_crawled_tables(sandbox: CrawlSandbox) -> None:
    rows = [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]
    text = "id,name\n1,x\n2,y\n"
    contents = {"parquet": parquet(rows), "orc": orc_file(rows), "csv": text, "zipped": zipped(text)}
    sandbox.put(
        "bucket",
        {f"{name}/k={key}/{FILES.get(name, 'f')}": content for name, content in contents.items() for key in "ab"},
    )
    sandbox.put("bucket", {"json/f.json": json_lines(rows), "quoted/f.csv": 'id,name\n1,"x, y"\n2,z\n'})
    sandbox.define("c", *(f"bucket/{name}" for name in (*contents, "json", "quoted")))
    assert sandbox.run("c")["Status"] == "SUCCEEDED"
    jobs = JobSandbox(sandbox.root, sandbox.glue, sandbox.endpoint.runs, sandbox.endpoint.documents)
    jobs.define("read", READ, kind="glueetl", DefaultArguments={"--enable-glue-datacatalog": "true"})
    run = jobs.run("read")
    assert run["JobRunState"] == "SUCCEEDED", jobs.output(run)
    names = (*contents, "json", "quoted", "sql")
    printed = [line for line in jobs.output(run).splitlines() if line.startswith(names)]
    twice = "[(1, 'x', 'a'), (1, 'x', 'b'), (2, 'y', 'a'), (2, 'y', 'b')]"
    assert printed == [
        f"csv {twice}",
        "json [(1, 'x'), (2, 'y')]",
        f"orc {twice}",
        f"parquet {twice}",
        "quoted [(1, 'x, y'), (2, 'z')]",
        f"zipped {twice}",
        "sql csv Row(count(id)=4, max(k)='b', max(id)=2)",
        "sql orc Row(count(id)=4, max(k)='b', max(id)=2)",
        "sql parquet Row(count(id)=4, max(k)='b', max(id)=2)",
        "sql zipped Row(count(id)=4, max(k)='b', max(id)=2)",
    ]
