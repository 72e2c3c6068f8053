"""Rules that look into other datasets: which rows' values are in a reference or in the answer of a SQL statement."""

from collections.abc import Mapping
from contextlib import suppress
from functools import reduce
from operator import and_

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.quality.rows import column_of

PRIMARY = "primary"


class SqlError(Exception):
    """A statement or data source that a rule can't use; says why."""


def dataset_of_sql(statement: str, frame: DataFrame, references: Mapping[str, DataFrame]) -> DataFrame:
    """What a statement gives, `primary` and the references' aliases being tables to it. Nothing is computed yet.

    Temporary views of these names that the session has are as before afterwards. Raises SqlError.
    """
    session, kept = frame.sparkSession, {}
    for name, dataset in {**references, PRIMARY: frame}.items():
        with suppress(AnalysisException):  # there is none of that name
            if session.catalog.getTable(name).isTemporary:
                kept[name] = session.table(name)
        dataset.createOrReplaceTempView(name)
    try:
        return session.sql(statement)
    except AnalysisException as error:
        raise SqlError(f"its SQL statement can't be run: {str(error).splitlines()[0]}") from error
    finally:
        for name in (*references, PRIMARY):
            session.catalog.dropTempView(name)
            if name in kept:
                kept[name].createOrReplaceTempView(name)


def marked(frame: DataFrame, dataset: DataFrame, columns: Mapping[str, str], mark: str, *, nulls: bool) -> DataFrame:
    """The frame with one more boolean column, `mark`: whether the dataset has a row with the same values.

    columns: the frame's to the dataset's; nulls: whether null equals null
    """
    names = [f"{mark} {number}" for number in range(len(columns))]
    values = dataset.select(
        *[column_of(other).alias(name) for other, name in zip(columns.values(), names, strict=True)]
    )
    found = values.distinct().withColumn(mark, F.lit(True))
    pairs = zip(columns, names, strict=True)
    same = reduce(
        and_, [column_of(own).eqNullSafe(column_of(n)) if nulls else column_of(own) == column_of(n) for own, n in pairs]
    )
    joined = frame.join(found, on=same, how="left")
    return joined.select(*map(column_of, frame.columns), F.coalesce(column_of(mark), F.lit(False)).alias(mark))
