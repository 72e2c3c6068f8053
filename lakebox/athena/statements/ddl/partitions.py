"""Partitions by statement: ALTER TABLE ADD, DROP, RENAME PARTITION, SET LOCATION of one, and MSCK REPAIR TABLE."""

from typing import Any

from jobs.lake.layout import unescape_path_name
from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import TASK_FAILED, Answer, Context
from lakebox.athena.statements.ddl.table_input import column
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.partitions import HIVE_NULL, standard_folder

Spec = dict[str, tuple[str, str]]  # of each key: the comparison and the value
COMPARISONS = ("=", "<", ">", "<=", ">=", "<>", "!=")


def alter_partitions(words: Words, context: Context, table: CatalogTable) -> None:
    """What stands after ALTER TABLE name, where it is about partitions."""
    if words.accept("ADD"):
        _add(words, context, table)
    elif words.accept("DROP"):
        _drop(words, context, table)
    elif words.peek() == "PARTITION":
        values = _values(table, _spec(words, table))
        if words.accept("RENAME", "TO"):
            new = _values(table, _spec(words, table))
            words.end()
            _update(context, table, values, new, None)
        elif words.accept("ADD", "COLUMNS"):
            _add_columns(words, context, table, values)
        else:
            words.expect("SET", "LOCATION")
            location = words.string()
            words.end()
            context.tables.check_location(location)
            _update(context, table, values, values, location)
    else:
        raise words.wrong("ADD, DROP, PARTITION, SET, REPLACE COLUMNS")


def _spec(words: Words, table: CatalogTable) -> Spec:
    """PARTITION (key = value, …)."""
    words.expect("PARTITION")

    def pair() -> tuple[str, tuple[str, str]]:
        key = words.name().lower()
        if key not in table.keys:
            text = f"FAILED: SemanticException Partition spec {{{key}=…}} contains non-partition columns"
            raise SqlError(f"{text}; the keys of {table} are: {', '.join(table.keys) or 'none'}", "COLUMN_NOT_FOUND")
        sign = words.peek()
        if sign not in COMPARISONS:
            raise words.wrong(", ".join(COMPARISONS))
        words.skip()
        return key, (sign, words.value())

    return dict(words.listed(pair))


def _values(table: CatalogTable, spec: Spec) -> list[str]:
    """The values of one whole partition. Raises SqlError where the specification is not one."""
    if set(spec) != set(table.keys) or any(sign != "=" for sign, _ in spec.values()):
        text = f"FAILED: SemanticException Partition spec {spec_text(spec)} does not name one partition"
        raise SqlError(f"{text}; give a value for each of: {', '.join(table.keys)}", "INVALID_PARTITION_VALUE")
    return [spec[key][1] for key in table.keys]


def spec_text(spec: Spec) -> str:
    """A specification as Hive prints it."""
    return "{" + ", ".join(f"{key}{sign}{value}" for key, (sign, value) in spec.items()) + "}"


def _add(words: Words, context: Context, table: CatalogTable) -> None:
    quiet = words.accept("IF", "NOT", "EXISTS")
    given = []
    while words.peek() == "PARTITION":
        values = _values(table, _spec(words, table))
        location = words.string() if words.accept("LOCATION") else _own_location(table, values)
        context.tables.check_location(location)
        given.append(_partition(table, values, location))
    if not given:
        raise words.wrong("PARTITION, COLUMNS")
    words.end()
    request = {"DatabaseName": table.database, "TableName": table.name}
    if not quiet:
        found = context.call(
            "BatchGetPartition", **request, PartitionsToGet=[{"Values": one["Values"]} for one in given]
        )
        if found["Partitions"]:
            taken = found["Partitions"][0]["Values"]
            text = "FAILED: SemanticException [Error 30011]: Partition already exists: "
            raise SqlError(f"{text}{taken}; write ADD IF NOT EXISTS PARTITION", "ALREADY_EXISTS")
    add_partitions(context, table, given)


def add_partitions(context: Context, table: CatalogTable, given: list[dict[str, Any]]) -> None:
    """Register partitions; those that are there already stay as they are."""
    request = {"DatabaseName": table.database, "TableName": table.name}
    for start in range(0, len(given), 100):
        context.call("BatchCreatePartition", **request, PartitionInputList=given[start : start + 100])


def _partition(table: CatalogTable, values: list[str], location: str) -> dict[str, Any]:
    return {"Values": values, "StorageDescriptor": table.storage | {"Location": location}}


def new_partition(table: CatalogTable, values: list[str], location: str | None = None) -> dict[str, Any]:
    """A partition as the catalog's operations take it, by default in its own folder below the table's."""
    return _partition(table, values, location or _own_location(table, values))


def _own_location(table: CatalogTable, values: list[str]) -> str:
    return table.location.rstrip("/") + "/" + standard_folder(tuple(table.keys), tuple(values))


def _drop(words: Words, context: Context, table: CatalogTable) -> None:
    quiet = words.accept("IF", "EXISTS")
    specs = [_spec(words, table)]
    while words.accept(","):
        specs.append(_spec(words, table))
    words.accept("PURGE")
    words.end()
    request = {"DatabaseName": table.database, "TableName": table.name}
    for spec in specs:
        conditions = (f"{key} {sign} '{value.replace(chr(39), chr(39) * 2)}'" for key, (sign, value) in spec.items())
        expression = " AND ".join(conditions)
        found = [
            one["Values"]
            for one in context.tables.pages("GetPartitions", {**request, "Expression": expression}, "Partitions")
        ]
        if not found and not quiet:
            text = f"FAILED: SemanticException [Error 10006]: Partition not found {spec_text(spec)}"
            raise SqlError(f"{text}; SHOW PARTITIONS {table} lists them", "NOT_FOUND")
        for values in found:
            context.call("DeletePartition", **request, PartitionValues=values)


def _update(context: Context, table: CatalogTable, values: list[str], new: list[str], location: str | None) -> None:
    request = {"DatabaseName": table.database, "TableName": table.name}
    before = context.call("GetPartition", **request, PartitionValues=values)["Partition"]
    storage = before["StorageDescriptor"] | ({"Location": location} if location else {})
    changed = {"Values": new, "StorageDescriptor": storage, "Parameters": before.get("Parameters", {})}
    context.call("UpdatePartition", **request, PartitionValueList=values, PartitionInput=changed)


def _add_columns(words: Words, context: Context, table: CatalogTable, values: list[str]) -> None:
    """Of one partition, in its own definition: queries read the table's columns."""
    added = [{"Name": name, "Type": kind} for name, kind, _ in words.listed(lambda: column(words))]
    words.end()
    request = {"DatabaseName": table.database, "TableName": table.name}
    storage = context.call("GetPartition", **request, PartitionValues=values)["Partition"]["StorageDescriptor"]
    there = storage.get("Columns", [])
    for one in added:
        if one["Name"] in {*table.keys, *(known["Name"] for known in there)}:
            raise SqlError(f"{TASK_FAILED} Duplicate column name: {one['Name']}", "DUPLICATE_COLUMN_NAME")
    changed = {"Values": values, "StorageDescriptor": storage | {"Columns": [*there, *added]}}
    context.call("UpdatePartition", **request, PartitionValueList=values, PartitionInput=changed)


def repair_table(words: Words, context: Context) -> Answer:
    """MSCK REPAIR TABLE name: registers the key=value folders that hold files and that the catalog lacks."""
    words.expect("REPAIR", "TABLE")
    table = context.table(words.table_name())
    words.end()
    if not table.keys:
        return Answer()
    request = {"DatabaseName": table.database, "TableName": table.name}
    known = {tuple(one["Values"]) for one in context.tables.pages("GetPartitions", request, "Partitions")}
    found = {}
    for name in context.tables.files_below(table.location):
        *parts, _ = name.split("/")
        own = parts[: len(table.keys)]
        if [part.partition("=")[0] for part in own] == list(table.keys) and not _is_hidden(name):
            found["/".join(own)] = tuple(unescape_path_name(part.partition("=")[2]) for part in own)
    new = {folder: values for folder, values in found.items() if values not in known}
    location = table.location.rstrip("/")
    add_partitions(
        context, table, [_partition(table, list(values), f"{location}/{folder}") for folder, values in new.items()]
    )
    if not new:
        return Answer((("result", "string"),), [])
    missing = "\t".join(f"{table.name}:{folder}" for folder in new)
    added = [(f"Repair: Added partition to metastore {table.name}:{folder}",) for folder in new]
    return Answer((("result", "string"),), [(f"Partitions not in metastore:\t{missing}",), *added])


def _is_hidden(name: str) -> bool:
    """Whether a file, or a folder around it, is no data."""
    return any(part.startswith(("_", ".")) for part in name.split("/"))


def show_partitions(words: Words, context: Context) -> Answer:
    """SHOW PARTITIONS name."""
    table = context.table(words.table_name())
    words.end()
    if not table.keys:
        text = f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Table {table.name}"
        raise SqlError(f"{text} is not a partitioned table", "NOT_SUPPORTED")
    request = {"DatabaseName": table.database, "TableName": table.name}
    keys = tuple(table.keys)
    names = [
        standard_folder(keys, tuple(None if value == HIVE_NULL else value for value in one["Values"])).rstrip("/")
        for one in context.tables.pages("GetPartitions", request, "Partitions")
    ]
    return Answer((("partition", "string"),), [(name,) for name in names])
