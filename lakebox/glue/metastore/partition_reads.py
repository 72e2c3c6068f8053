"""The metastore's methods that read partitions of a table."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from jobs.lake.layout import unescape_path_name
from lakebox.glue.metastore.shapes.from_glue import hive_partitions, partition_name
from lakebox.glue.metastore.shapes.glue_catalog import GlueCatalog
from lakebox.glue.metastore.shapes.partition_filter import glue_expression, quoted

Answer = Mapping[str, Any]
READ_BATCH = 1000  # as many as Glue takes at once in BatchGetPartition


class PartitionReads:
    """Each public method is one of the thrift interface, under its name there; max_parts -1 means all."""

    def __init__(self, glue: GlueCatalog) -> None:
        self._glue = glue

    def get_partition(self, database: str, table: str, values: list[str]) -> Any:
        """The partition of those values."""
        answer = self._glue.call("GetPartition", DatabaseName=database, TableName=table, PartitionValues=values)
        return next(hive_partitions(self._glue.table(database, table), [answer["Partition"]]))

    def get_partition_by_name(self, database: str, table: str, name: str) -> Any:
        """The partition of that name (`year=2025/month=1`)."""
        return self.get_partition(database, table, values_of(name))

    def get_partitions(self, database: str, table: str, max_parts: int) -> list[Any]:
        """All partitions."""
        return self.get_partitions_ps(database, table, [], max_parts)

    def get_partitions_by_filter(self, database: str, table: str, hive_filter: str, max_parts: int) -> list[Any]:
        """The partitions that a filter lets through; Glue's catalog evaluates it."""
        named = {"DatabaseName": database, "TableName": table, "Expression": glue_expression(hive_filter)}
        found = self._glue.listed("GetPartitions", "Partitions", **named)
        return list(hive_partitions(self._glue.table(database, table), islice(found, _limit(max_parts))))

    def get_partitions_by_names(self, database: str, table: str, names: list[str]) -> list[Any]:
        """The partitions of those names; names of none are left out."""
        found: list[Answer] = []
        for start in range(0, len(names), READ_BATCH):
            keys = [{"Values": values_of(name)} for name in names[start : start + READ_BATCH]]
            answer = self._glue.call("BatchGetPartition", DatabaseName=database, TableName=table, PartitionsToGet=keys)
            found += answer.get("Partitions") or ()
        return list(hive_partitions(self._glue.table(database, table), found))

    def get_partitions_ps(self, database: str, table: str, values: list[str], max_parts: int) -> list[Any]:
        """The partitions that have those values, key by key; "" stands for any, and keys may be left out at the end."""
        described = self._glue.table(database, table)
        found = (one for one in self._listed(described, values) if _has(values, one["Values"]))
        return list(hive_partitions(described, islice(found, _limit(max_parts))))

    def get_partition_names(self, database: str, table: str, max_parts: int) -> list[str]:
        """Names of all partitions, in order."""
        return self.get_partition_names_ps(database, table, [], max_parts)

    def get_partition_names_ps(self, database: str, table: str, values: list[str], max_parts: int) -> list[str]:
        """Names of the partitions that `get_partitions_ps` gives, in order."""
        described = self._glue.table(database, table)
        keys = [key["Name"] for key in described.get("PartitionKeys") or ()]
        found = self._listed(described, values, ExcludeColumnSchema=True)
        return sorted(partition_name(keys, one["Values"]) for one in found if _has(values, one["Values"]))[
            : _limit(max_parts)
        ]

    def _listed(self, table: Answer, values: Sequence[str], **request: Any) -> Iterator[Answer]:
        """A table's partitions that may have those values: Glue compares the texts, `_has` the rest."""
        keys = zip(table.get("PartitionKeys") or (), values, strict=False)
        comparable = [(key["Name"], value) for key, value in keys if value and key.get("Type") == "string"]
        expression = " and ".join(f"{name} = {quoted(value)}" for name, value in comparable if name.isidentifier())
        if expression:
            request["Expression"] = expression
        named = {"DatabaseName": table["DatabaseName"], "TableName": table["Name"]}
        return self._glue.listed("GetPartitions", "Partitions", **named, **request)


def values_of(name: str) -> list[str]:
    """The values in a partition's name."""
    return [unescape_path_name(pair.partition("=")[2]) for pair in name.split("/")]


def _has(wanted: Sequence[str], values: Sequence[str]) -> bool:
    return all(one in ("", value) for one, value in zip(wanted, values, strict=False))


def _limit(max_parts: int) -> int | None:
    return None if max_parts < 0 else max_parts
