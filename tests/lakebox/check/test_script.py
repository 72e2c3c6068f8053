"""Scripts, each with a fault of its own: the line and where it would fail. A script without one gives nothing."""

from pathlib import Path

import pytest

from lakebox.check.job import Job
from lakebox.check.script import script_findings

ALL, BOTH, SIX, US = "Glue 5.1, Glue 6.0, lakebox", "Glue 5.1, Glue 6.0", "Glue 6.0", "lakebox"
GOOD = """
import sys
import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

args = getResolvedOptions(sys.argv, ["JOB_NAME", "source"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
frame = glue.create_dynamic_frame.from_options("s3", {"paths": [args["source"]]}, format="csv")
mapped = ApplyMapping.apply(frame=frame, mappings=[("a", "string", "a", "int")])
mapped.toDF().withColumn("a", F.col("a").cast("string")).write.mode("append").parquet("s3://data/out/")
with open("/tmp/notes.txt", "w") as notes:
    notes.write("done")
job.commit()
"""


def found(tmp_path: Path, text: str, *, shell: bool = False, **arguments: str) -> list[tuple[int, bool, str]]:
    """Line, whether it fails, and where, of each finding."""
    (tmp_path / "job.py").write_text(text)
    given = {f"--{name.replace('_', '-')}": value for name, value in arguments.items()}
    return [
        (item.line, item.fails, ", ".join(item.where))
        for item in script_findings(tmp_path / "job.py", Job(given, shell))
    ]


def texts(tmp_path: Path, text: str, **arguments: str) -> str:
    (tmp_path / "job.py").write_text(text)
    return " ".join(item.text for item in script_findings(tmp_path / "job.py", Job(arguments)))


def test_a_usual_script_has_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("line", "fails", "where"),
    [
        ("print 'python 2'", True, ALL),
        ("import urllib2", True, ALL),
        ("import imp", True, SIX),
        ("import distutils.util", True, SIX),
        ("import sklearn.linear_model", True, ALL),
        ("from yaml import safe_load", True, BOTH),
        ("import kaleido", True, US),
        ("from delta.tables import DeltaTable", True, US),
        ("import ray", True, US),
        ("from awsglue.blueprint import crawler", True, US),
        ("from awsglue.utils import nothing", True, US),
        ("from awsglue.transforms import *; Unbox.apply(frame=f, path='a')", True, US),
        ("from pyspark.sql import SQLContext; SQLContext(sc)", True, SIX),
        ("spark.read.csv('data/in.csv')", True, BOTH),
        ("spark.read.option('header', True).format('csv').load('/home/me/in.csv')", True, BOTH),
        ("path = 'C:\\\\data\\\\in.csv'; spark.read.json(path)", True, BOTH),
        ("frame.write.mode('overwrite').parquet('./out')", True, BOTH),
        ("sc.textFile('file:///data')", True, BOTH),
        ("spark.read.parquet('hdfs://name/data')", True, ALL),
        ("spark.read.parquet('s3a://data/in/')", False, BOTH),
        ("spark.readStream.format('kafka')", True, US),
        ("glue.forEachBatch(frame=f, batch_function=g)", True, US),
        ("glue.create_dynamic_frame.from_options('dynamodb', {})", True, US),
        ("glue.create_dynamic_frame.from_options(connection_type='s3', format='xml')", True, US),
        ("glue.write_dynamic_frame.from_options(frame, connection_type='redshift')", True, US),
        ("glue.write_dynamic_frame.from_options(frame, 'mongodb', {})", True, US),
        ("glue.create_data_frame.from_options('kinesis', {})", True, US),
        ("sc._jvm.com.amazonaws.services.s3.AmazonS3Client()", True, SIX),
        ("conf.set('spark.hadoop.fs.s3.impl', 'com.amazon.ws.emr.hadoop.fs.EmrFileSystem')", True, SIX),
        ("df.withColumn('a', F.col('a').cast('int'))", False, SIX),
        ("df.withColumn('a', F.col('a').cast(IntegerType()))", False, SIX),
        ("spark.sql('SELECT CAST(a AS date) FROM t')", False, SIX),
        ("df.select(F.to_date('a'))", False, SIX),
    ],
)
def test_a_fault_is_found(tmp_path: Path, line: str, fails: bool, where: str) -> None:
    assert (2, fails, where) in found(tmp_path, f"\n{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "try:\n    import nothing\nexcept ImportError:\n    nothing = None",
        "from . import helpers",
        "from awsglue.gluetypes import StringType, TimestampType",
        "from awsglue import DynamicFrame",
        "from awsgluedq.transforms import EvaluateDataQuality",
        "spark.read.table('sales.orders')",
        "frame.write.saveAsTable('orders')",
        "spark.read.csv(args['path'])",
        "spark.read.csv('s3://data/in.csv')",
        "spark.read.csv(f's3://{bucket}/in.csv')",
        "glue.create_dynamic_frame.from_options('postgresql', {})",
        "df.withColumn('a', F.col('a').cast('string'))",
        "df.withColumn('a', F.col('a').cast(StringType()))",
        "spark.sql('SELECT CAST(a AS string) FROM t')",
        "spark.conf.set('spark.sql.ansi.enabled', 'false'); df.select(F.to_date('a'))",
        "json.loads(text); json.load(stream)",
        "print('s3://data')",
        "open('/tmp/x.csv')",
    ],
)
def test_what_works_is_no_fault(tmp_path: Path, line: str) -> None:
    assert [finding for finding in found(tmp_path, line) if finding[1]] == []
    assert found(tmp_path, line) == [] or "nothing" in line


def test_modules_that_the_job_brings_are_there(tmp_path: Path) -> None:
    assert found(tmp_path, "import sklearn", additional_python_modules="pandas==2,scikit-learn==1.5") == []
    assert found(tmp_path, "import mine", extra_py_files="s3://code/libs.zip") == []
    assert found(tmp_path, "import mine", additional_python_modules="s3://code/mine-1.0-py3-none-any.whl") == []
    assert found(tmp_path, "import mine", additional_python_modules="s3://code/requirements.txt") == []
    assert found(tmp_path, "import other", additional_python_modules="pandas==2") == [(1, True, ALL)]


def test_a_module_beside_the_script_must_be_named(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("")
    assert found(tmp_path, "import mine") == [(1, False, ALL)]
    assert "name it in --extra-py-files" in texts(tmp_path, "import mine")


def test_python_shell_jobs_have_other_modules(tmp_path: Path) -> None:
    assert found(tmp_path, "import awswrangler", additional_python_modules="awswrangler") == []
    assert found(tmp_path, "import awswrangler", shell=True) in ([], [(1, True, US)])
    assert found(tmp_path, "import awswrangler") == [(1, True, ALL)]
    assert found(tmp_path, "match x:\n    case 1:\n        pass\n", shell=True) == [(3, True, ALL)]
    assert found(tmp_path, "match x:\n    case 1:\n        pass\n") == []


def test_abbreviated_arguments_fail_on_glue_6(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom awsglue.utils import getResolvedOptions\nargs = getResolvedOptions(sys.argv, ['source_path'])"
    )
    assert found(tmp_path, script, source="s3://data") == [(3, True, SIX)]
    assert found(tmp_path, script, source_path="s3://data") == []
    assert found(tmp_path, script, other="1") == [(3, False, ALL)]
    assert found(tmp_path, script) == []


def test_advice_names_the_package(tmp_path: Path) -> None:
    assert "--additional-python-modules scikit-learn" in texts(tmp_path, "import sklearn")
    assert "use fillna on toDF()" in texts(tmp_path, "from awsglue.transforms import *\nFillMissingValues.apply()")
