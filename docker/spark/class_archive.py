"""Archives the classes that Spark loads (class data sharing), so that drivers and executors map them as they start.

Run once, while the image is built: python class_archive.py FOLDER leaves in it

spark.jar     has no classes; its manifest names Spark's jars in a fixed order. It leads the class path of drivers and
              executors, for an archive is valid for class paths that begin as the one that it was made for.
classes.jsa   the archive. A JVM that can't use it, as with another class path, works without.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

JARS = Path(os.environ["SPARK_HOME"], "jars")
NOWHERE = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9", "AWS_REGION": "us-east-1", "LAKEBOX_LAKE_BUCKET": "none"}


def write_jar(path: Path) -> None:
    """A jar that names all of Spark's; the path of each is relative to it."""
    names = " ".join(os.path.relpath(jar, path.parent) for jar in sorted(JARS.glob("*.jar")))
    line = f"Class-Path: {names}"
    lines = [line[:70], *(f" {line[start : start + 69]}" for start in range(70, len(line), 69))]  # 72 bytes a line
    with zipfile.ZipFile(path, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "\r\n".join(["Manifest-Version: 1.0", *lines, "", ""]))


def run_jobs(folder: Path, jar: Path) -> list[Path]:
    """Do what job scripts do, with a driver and an executor; the lists of the classes that each has loaded."""
    lists = {name: folder / f"{name}.classes" for name in ("driver", "executor")}
    settings = {
        "spark.master": "local-cluster[1,2,1024]",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.hadoop.hive.metastore.uris": "thrift://127.0.0.1:9",
        "spark.hadoop.hive.metastore.failure.retries": "0",
        "spark.hadoop.hive.metastore.connect.retries": "1",
        "spark.hadoop.hive.metastore.client.connect.retry.delay": "0",
        "spark.hadoop.fs.s3a.aws.credentials.provider": "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider",
        "spark.hadoop.fs.s3a.bucket.probe": "0",
    }
    for name, listed in lists.items():
        settings[f"spark.{name}.extraClassPath"] = str(jar)
        settings[f"spark.{name}.extraJavaOptions"] = f"-XX:DumpLoadedClassList={listed}"
    words = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    os.environ |= NOWHERE
    os.environ["PYSPARK_SUBMIT_ARGS"] = " ".join([*words, "pyspark-shell"])
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    _work(spark, folder)
    spark.stop()
    gateway: Any = spark.sparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(60)
    return list(lists.values())


def _work(spark: Any, folder: Path) -> None:
    source, made = folder / "in", folder / "out"
    source.mkdir()
    (source / "some.csv").write_text("id,name,day\n1,a,2026-01-01\n2,b,2026-01-02\n")
    (source / "some.json").write_text('{"id": 1, "tags": [{"key": "x"}], "at": "2026-01-01T00:00:00Z"}\n')
    rows = spark.read.option("header", "true").option("inferSchema", "true").csv(str(source / "some.csv"))
    nested = spark.read.json(str(source / "some.json"))
    rows.createOrReplaceTempView("rows")
    nested.createOrReplaceTempView("nested")
    joined = rows.join(nested.selectExpr("id", "explode(tags) AS tag", "to_timestamp(at) AS at"), "id", "left")
    counted = joined.groupBy("name").count().orderBy("name")
    for kind in ("parquet", "json", "csv", "orc"):
        counted.write.mode("overwrite").format(kind).save(str(made / kind))
        spark.read.format(kind).load(str(made / kind)).collect()
    rows.repartition(2).write.partitionBy("day").parquet(str(made / "days"))
    days = spark.read.parquet(str(made / "days")).filter("id > 1")
    newest = "row_number() OVER (PARTITION BY name ORDER BY id DESC) AS place"
    days.selectExpr("*", newest).filter("place = 1").collect()
    rows.rdd.map(lambda row: row).toDF().dropDuplicates(["id"]).collect()
    java, context = spark._jvm, spark._jsc
    java.org.apache.hadoop.fs.FileSystem.get(java.java.net.URI("s3a://none/"), context.hadoopConfiguration())
    with contextlib.suppress(Exception):  # no metastore answers: what a try loads is enough
        hive = java.org.apache.spark.sql.hive.HiveUtils
        hive.newClientForMetadata(context.sc().conf(), context.hadoopConfiguration()).listDatabases("*")


def archive(lists: list[Path], jar: Path, made: Path) -> None:
    """Dump the listed classes."""
    listed = made.with_suffix(".classes")
    listed.write_text("".join(dict.fromkeys(line for each in lists for line in each.open())))
    dump = ["-Xshare:dump", f"-XX:SharedClassListFile={listed}", f"-XX:SharedArchiveFile={made}", "-XX:+UseParallelGC"]
    subprocess.run(["java", *dump, "-cp", str(jar)], check=True, stdout=subprocess.DEVNULL)
    listed.unlink()


def main() -> None:
    """Make both files."""
    folder = Path(sys.argv[1])
    work = folder / "work"
    work.mkdir(parents=True)
    write_jar(folder / "spark.jar")
    archive(run_jobs(work, folder / "spark.jar"), folder / "spark.jar", folder / "classes.jsa")
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
