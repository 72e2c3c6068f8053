"""Tables of PostgreSQL and MySQL, read and written through Spark's JDBC, by options or by a connection of the catalog.

With bookmarks, a read gives rows with keys beyond those of the last run: jobBookmarkKeys, else the primary key.
Source: AWS Glue, "JDBC connections", "Using job bookmarks" and "GlueContext class" (extract_jdbc_conf, from_jdbc_conf).
"""

import re
from collections.abc import Mapping
from typing import Any

import boto3
from pyspark.sql import DataFrame, SparkSession

from .bookmarks import bookmarks
from .formats import UnsupportedError, is_loadable

DRIVERS = {"postgresql": "org.postgresql.Driver", "mysql": "com.mysql.cj.jdbc.Driver"}
PASSED_ON = (
    "fetchsize",
    "numPartitions",
    "partitionColumn",
    "lowerBound",
    "upperBound",
    "batchsize",
    "sessionInitStatement",
)
URL = re.compile(r"(?P<server>jdbc:(?P<vendor>\w+)://[^/?]+)(?:/(?P<database>[^?]*))?(?P<rest>\?.*)?")


def read_jdbc(spark: SparkSession, options: Mapping[str, Any], transformation_ctx: str = "") -> DataFrame:
    """The rows of `dbtable`, or of `query` (also called sampleQuery), that bookmarks don't leave out."""
    settings = _settings(spark, options)
    reader = spark.read.format("jdbc").options(**settings)
    query = options.get("query") or options.get("sampleQuery")
    frame = reader.option("query", query).load() if query else reader.option("dbtable", _table(options)).load()
    if not bookmarks.apply_to(transformation_ctx):
        return frame
    keys = options.get("jobBookmarkKeys") or ([] if query else _primary_key(spark, settings, _table(options)))
    if not keys:
        return frame
    descends = str(options.get("jobBookmarkKeysSortOrder", "asc")).lower() == "desc"
    return bookmarks.new_rows(frame, list(keys), transformation_ctx, descends=descends)


def _primary_key(spark: SparkSession, settings: Mapping[str, Any], table: str) -> list[str]:
    """Names of the columns of a table's primary key; none where it has none."""
    jvm: Any = spark._jvm
    connection = jvm.java.sql.DriverManager.getConnection(settings["url"], settings["user"], settings["password"])
    try:
        schema, _, name = table.rpartition(".")
        found = connection.getMetaData().getPrimaryKeys(connection.getCatalog(), schema or None, name)
        names = {}
        while found.next():
            names[found.getInt("KEY_SEQ")] = found.getString("COLUMN_NAME")
        return [names[number] for number in sorted(names)]
    finally:
        connection.close()


def write_jdbc(frame: DataFrame, options: Mapping[str, Any]) -> None:
    """Add rows to `dbtable`, which is made where it is not there."""
    settings = _settings(frame.sparkSession, options)
    frame.write.format("jdbc").options(**settings).option("dbtable", _table(options)).mode("append").save()


def jdbc_conf(name: str) -> dict[str, Any]:
    """A connection of the catalog as extract_jdbc_conf gives it: user, password, vendor, url, fullUrl and others."""
    connection = boto3.client("glue").get_connection(Name=name)["Connection"]
    given = connection["ConnectionProperties"]
    parts = _parts(given.get("JDBC_CONNECTION_URL", ""))
    return {
        "user": given.get("USERNAME", ""),
        "password": given.get("PASSWORD", ""),
        "vendor": parts["vendor"],
        "url": parts["server"],
        "fullUrl": given["JDBC_CONNECTION_URL"],
        "enforceSSL": given.get("JDBC_ENFORCE_SSL", "false"),
    }


def of_connection(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options by a connection of the catalog; `database` chooses another one on the same server."""
    conf = jdbc_conf(name)
    url = f"{conf['url']}/{options['database']}" if options.get("database") else conf["fullUrl"]
    return {"url": url, "user": conf["user"], "password": conf["password"], **options}


def _settings(spark: SparkSession, options: Mapping[str, Any]) -> dict[str, Any]:
    if options.get("connectionName"):
        name = str(options["connectionName"])
        options = of_connection(name, {key: value for key, value in options.items() if key != "connectionName"})
    parts = _parts(str(options.get("url", "")))
    driver = DRIVERS[parts["vendor"]]
    if not is_loadable(spark, driver):
        text = (
            f"{driver} is not on the job's path: name the driver's jar with --extra-jars, or run the job on the stack"
        )
        raise UnsupportedError(text)
    passed = {name: options[name] for name in PASSED_ON if name in options}
    return {
        "url": options["url"],
        "user": options.get("user"),
        "password": options.get("password"),
        "driver": driver,
    } | passed


def _parts(url: str) -> dict[str, str]:
    found = URL.fullmatch(url)
    if found is None or found["vendor"] not in DRIVERS:
        text = "PostgreSQL's and MySQL's are; for others use spark.read.jdbc with a driver's jar (--extra-jars)"
        raise UnsupportedError(f"the JDBC URL {url!r} is not supported by lakebox: {text}")
    return found.groupdict(default="")


def _table(options: Mapping[str, Any]) -> str:
    if not options.get("dbtable"):
        raise ValueError("connection_options needs dbtable, the table's name")
    return str(options["dbtable"])
