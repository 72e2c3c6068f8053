"""A day of Silver that this process can hold, and its rules -> measures, by pyarrow, without Spark.

For a Silver that is small enough to look through on the spot, and for rules that mean the same to pyarrow as to Spark
(`is_plain`): a day's measures are there before Spark has planned the query. Distinct values are estimated from the
smallest of their 64-bit hashes (KMV): below SKETCH_SIZE of them the count is exact, above it is typically within 5 %.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any
from zlib import crc32

import pyarrow as pa
import pyarrow.compute as pc

from catalog.tables import SILVER_USER_EVENTS
from jobs.lake.layout import PartitionValues
from jobs.lake.parquet import ARROW_TYPES, read_columns, together
from jobs.lake.store import Store, StoredObject
from jobs.quality.measures import GREATEST, SMALLEST, key_name, keys_to_hash
from jobs.quality.rows import KEY_RULES
from jobs.quality.rules import EQUALITIES, Condition, Keyword, Operand, Rule, Ruleset, family, obstacle

SKETCH_SIZE = 512
HASHES = 2**64
HEX, START = 64, 16  # bytes: a SHA-256 in hex, and as much of it as makes 64 bits
BLANK = "\\A[ \\t\\n\\x0B\\f\\r]+\\z"
TYPES = {column.name: column.type for column in (*SILVER_USER_EVENTS.columns, *SILVER_USER_EVENTS.partitions)}
NO_ROW_RULES = ("RowCount", "ColumnCount", "ColumnExists", "IsComplete", "Completeness", "DistinctValuesCount")

PartitionFile = tuple[PartitionValues, StoredObject]


def is_plain(ruleset: Ruleset) -> bool:
    """Whether all rules that can be checked mean the same here as in Spark: no pattern, number or cast is in them, and
    keys that don't name event_timestamp are columns of the files."""
    return all(obstacle(rule, TYPES) is not None or _is_plain(rule) for rule in ruleset.rules)


def _is_plain(rule: Rule) -> bool:
    if rule.type in KEY_RULES:
        comparable = all(family(TYPES[name]) != "number" for name in rule.columns)  # 0.0 is -0.0 to Spark alone
        in_a_day = "event_timestamp" in rule.columns
        in_files = in_a_day or set(rule.columns) <= set(SILVER_USER_EVENTS.column_names)
        return comparable and in_files and len(set(rule.columns)) == len(rule.columns)
    if rule.type in NO_ROW_RULES or rule.condition is None:
        return True
    kind, operator = family(TYPES[rule.columns[0]]), rule.condition.operator
    if rule.type == "ColumnDataType":
        return str(rule.condition.operands[0]).lower() == TYPES[rule.columns[0]]
    if rule.type == "ColumnLength":
        return all(isinstance(bound, Decimal) and bound % 1 == 0 for bound in rule.condition.operands)
    return operator in EQUALITIES if kind in ("text", "flag") else kind == "time"


def measured_day(store: Store, files: Sequence[PartitionFile], ruleset: Ruleset) -> dict[str, Any] | None:
    """The measures of one day of Silver, as a row of `jobs.quality.measures.measures`, with sketches of another kind.

    In:  the day's objects with their partition's values; the catalog's columns are in them. None: they have no rows.
    """
    rows = together([_rows(store, values, stored) for values, stored in files])
    if not rows.num_rows:
        return None
    keys = keys_to_hash(TYPES, ruleset)
    found: dict[str, Any] = {"rows": rows.num_rows}
    for name in TYPES:
        column = rows[name]
        found[f"nulls:{name}"] = column.null_count
        if name in SILVER_USER_EVENTS.partition_names:
            found[f"values:{name}"] = sorted(str(value) for value in pc.unique(column).to_pylist())
        elif (name,) not in keys:
            found[f"sketch:{name}"] = sketch(column)
    found |= _times(rows, date.fromisoformat(files[0][0][1]))
    found |= {f"broken:{rule.text}": _true(broken) for rule, broken in _breaks(rows, ruleset)}
    for key in (key for key in keys if "event_timestamp" in key):
        found[f"keyed:{key_name(key)}"], found[f"hashes:{key_name(key)}"] = distinct_keys(rows, key)
    return found


def distinct_keys(rows: pa.Table, key: Sequence[str]) -> tuple[int, int]:
    """How many rows have a value in a key's columns, and how many different keys these rows have."""
    columns = rows.select(list(key))
    if len(key) == 1:
        values = columns[key[0]].drop_null()
        return len(values), _distinct(values)
    keyed = columns.filter(reduce(pc.or_, [pc.is_valid(column) for column in columns.columns]))
    return keyed.num_rows, keyed.group_by(list(key)).aggregate([]).num_rows


def _distinct(values: pa.ChunkedArray) -> int:
    """How many different values there are. Texts whose first bytes differ all differ: as with hashes, half the work."""
    if pa.types.is_string(values.type):
        starts = pc.binary_slice(values.cast(pa.binary()), 0, START)
        if pc.count_distinct(starts).as_py() == len(values):
            return len(values)
    return int(pc.count_distinct(values).as_py())


def sketch(values: pa.ChunkedArray) -> bytes:
    """The smallest SKETCH_SIZE of the hashes of the values: 64 bits each, ascending; nulls have none."""
    unique = pc.unique(values).drop_null()
    if pa.types.is_string(unique.type):
        numbers = _numbers(unique.cast(pa.binary()))
    elif pa.types.is_boolean(unique.type):
        numbers = unique.cast(pa.uint64())
    else:
        numbers = unique.view(pa.uint64())
    return _smallest(_scattered(numbers))


def estimate(sketches: Sequence[bytes]) -> int:
    """About how many distinct values the sketches of some parts are of, together."""
    hashes = _hashes(_smallest(pa.concat_arrays([_hashes(one) for one in sketches])))
    if len(hashes) < SKETCH_SIZE:
        return len(hashes)
    return round((SKETCH_SIZE - 1) * HASHES / int(hashes[-1].as_py()))


def _rows(store: Store, values: PartitionValues, stored: StoredObject) -> pa.Table:
    event_type, event_date = values
    rows = read_columns(store, [stored], SILVER_USER_EVENTS.column_names)
    kind = pa.repeat(pa.scalar(event_type, pa.string()), rows.num_rows)
    day = pa.repeat(pa.scalar(date.fromisoformat(event_date), pa.date32()), rows.num_rows)
    return rows.append_column("event_type", kind).append_column("event_date", day)


def _times(rows: pa.Table, day: date) -> dict[str, Any]:
    times = rows["event_timestamp"]
    span = pc.min_max(times.cast(pa.int64())).as_py()
    start = datetime.combine(day, time(), UTC)
    bounds = [pa.scalar(bound, ARROW_TYPES["timestamp"]) for bound in (start, start + timedelta(days=1))]
    misplaced = pc.or_(pc.less(times, bounds[0]), pc.greater_equal(times, bounds[1]))
    return {SMALLEST: span["min"], GREATEST: span["max"], "misplaced": _true(misplaced)}


def _breaks(rows: pa.Table, ruleset: Ruleset) -> Iterator[tuple[Rule, pa.ChunkedArray]]:
    """Which rows break each rule that single rows can break: what `jobs.quality.rows.breaks` says in Spark."""
    for rule in {rule.text: rule for rule in ruleset.rules if obstacle(rule, TYPES) is None}.values():
        columns = [rows[name] for name in rule.columns]
        if rule.type == "IsPrimaryKey":
            yield rule, reduce(pc.or_, [pc.is_null(column) for column in columns])
        elif rule.type == "ColumnDataType":
            yield rule, pa.chunked_array([pa.repeat(False, rows.num_rows)])
        elif rule.type == "ColumnLength" and rule.condition:
            lengths = pc.utf8_length(pc.fill_null(columns[0], "")).cast(pa.float64())
            numbers = [float(operand) for operand in rule.condition.operands if isinstance(operand, Decimal)]
            yield rule, pc.invert(_compares(lengths, rule.condition, numbers))
        elif rule.type == "ColumnValues" and rule.condition:
            yield rule, _breaks_values(columns[0], rule.condition)


def _breaks_values(column: pa.ChunkedArray, condition: Condition) -> pa.ChunkedArray:
    names_null = Keyword.NULL in condition.operands
    admits_null = condition.operator in EQUALITIES and names_null != condition.negates
    comparable = column.cast(pa.string()) if pa.types.is_boolean(column.type) else column
    met = _compares(comparable, condition, [_literal(operand, comparable.type) for operand in condition.operands])
    return pc.if_else(pc.is_null(column), not admits_null, pc.invert(met))


def _compares(values: pa.ChunkedArray, condition: Condition, operands: Sequence[Any]) -> pa.ChunkedArray:
    operator = condition.operator
    if operator in EQUALITIES:
        met = reduce(pc.or_, [_equals(values, operand) for operand in operands])
    elif operator in ("between", "not between"):
        met = pc.and_(pc.greater(values, operands[0]), pc.less(values, operands[1]))
    else:
        compare = {">": pc.greater, ">=": pc.greater_equal, "<": pc.less, "<=": pc.less_equal}[operator]
        met = compare(values, operands[0])
    return pc.invert(met) if condition.negates else met


def _equals(values: pa.ChunkedArray, operand: Any) -> pa.ChunkedArray:
    if operand is Keyword.NULL:
        return pc.and_(pc.is_null(values), False)  # what a null is worth is said elsewhere
    if operand is Keyword.EMPTY:
        return pc.equal(values, "")
    if operand is Keyword.WHITESPACES_ONLY:
        return pc.match_substring_regex(values, BLANK)
    return pc.equal(values, operand)


def _literal(operand: Operand, kind: pa.DataType) -> Any:
    if isinstance(operand, date) and pa.types.is_timestamp(kind):
        return pa.scalar(datetime.combine(operand, time(), UTC), kind)
    return operand if isinstance(operand, Keyword) else pa.scalar(operand, kind)


def _true(flags: pa.ChunkedArray) -> int:
    return pc.sum(flags).as_py() or 0


def _numbers(texts: pa.Array) -> pa.Array:
    """Different texts as mostly different numbers. Those of 64 bytes, as a SHA-256 in hex, are folded all at once."""
    is_hex = pc.equal(pc.binary_length(texts), HEX)
    others, hexes = texts.filter(pc.invert(is_hex)), texts.filter(is_hex).cast(pa.binary(HEX))
    per_text = HEX // 8
    words = pa.Array.from_buffers(
        pa.uint64(), len(hexes) * per_text, [None, hexes.buffers()[1]], offset=hexes.offset * per_text
    )
    columns = [pc.list_element(pa.FixedSizeListArray.from_arrays(words, per_text), place) for place in range(per_text)]
    folded = reduce(lambda number, column: pc.bit_wise_xor(_scattered(number), column), columns)
    return pa.concat_arrays([pa.array(map(crc32, others.to_pylist()), pa.uint64()), folded])


def _scattered(numbers: pa.Array) -> pa.Array:
    """Numbers as evenly spread hashes, different ones for different numbers (the finalizer of SplitMix64)."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        folded = pc.bit_wise_xor(numbers, pc.shift_right(numbers, pa.scalar(shift, pa.uint64())))
        numbers = pc.multiply(folded, pa.scalar(factor, pa.uint64()))
    return numbers


def _smallest(hashes: pa.Array) -> bytes:
    ordered = pc.unique(hashes).sort()[:SKETCH_SIZE]
    return b"".join(number.to_bytes(8, "little") for number in ordered.to_pylist())


def _hashes(content: bytes) -> pa.Array:
    return pa.Array.from_buffers(pa.uint64(), len(content) // 8, [None, pa.py_buffer(content)])
