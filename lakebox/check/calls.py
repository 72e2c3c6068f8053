"""Calls in a script that would not work: local paths, streaming, formats and sources that lakebox has not, old APIs."""

import ast
import re
from collections.abc import Iterator

from lakebox.check.finding import BOTH, EVERYWHERE, GLUE_6_0, LAKEBOX, Finding
from lakebox.check.runtime_names import table

READ_OR_WRITE = {"read", "write"}
FILE_METHODS = {"csv", "json", "parquet", "orc", "text", "load", "save"}
CONTEXT_METHODS = {"textFile", "wholeTextFiles", "saveAsTextFile"}
STREAMS = {"readStream", "writeStream", "forEachBatch"}
LOCAL = re.compile(r"(file:|[A-Za-z]:[\\/]|\.{0,2}/|~/|[\w .-]+/|[\w-]+\.(csv|json|parquet|txt|orc|avro)$)")
ANSI_CASTS = ("int", "integer", "bigint", "long", "double", "float", "decimal", "date", "timestamp", "smallint",
              "tinyint", "boolean", "short", "byte")  # fmt: skip
ANSI_FUNCTIONS = {"to_date", "to_timestamp", "element_at"}
GLUE_READERS = {"from_options", "create_dynamic_frame_from_options", "write_dynamic_frame_from_options",
                "create_data_frame_from_options", "getSink"}  # fmt: skip


def call_findings(tree: ast.Module, name: str) -> Iterator[Finding]:
    """What in a script's calls and texts would not work."""
    constants = _constants(tree)
    yield from _casts(tree, name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _local_paths(node, name, constants)
            yield from _sources(node, name, constants)
        elif isinstance(node, ast.Attribute):
            yield from _attribute(node, name)
        elif isinstance(node, ast.Name) and node.id in ("SQLContext", "HiveContext"):
            text = f"Spark 4 has no {node.id}: use SparkSession (spark.sql, spark.read)"
            yield Finding(name, node.lineno, True, (GLUE_6_0,), text)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _text(node, node.value, name)


def _constants(tree: ast.Module) -> dict[str, str]:
    """Names that a script gives a text once."""
    found: dict[str, list[str | None]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(_literal(node.value))
    return {name: values[0] for name, values in found.items() if len(values) == 1 and values[0] is not None}


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _text_of(node: ast.expr | None, constants: dict[str, str]) -> str | None:
    """The text that an expression surely has."""
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.JoinedStr) and node.values:
        return _literal(node.values[0])
    return None if node is None else _literal(node)


def _chain(node: ast.expr) -> list[str]:
    """The attributes of `a.b(…).c(…)`, the last first."""
    names = []
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        else:
            node = node.func
    return names


def _local_paths(call: ast.Call, name: str, constants: dict[str, str]) -> Iterator[Finding]:
    """Spark's readers and writers of files of this machine."""
    chain = _chain(call.func)
    is_spark = bool(chain) and (
        chain[0] in CONTEXT_METHODS or (chain[0] in FILE_METHODS and READ_OR_WRITE & set(chain[1:]))
    )
    if not is_spark:
        return
    path = _text_of(call.args[0] if call.args else _keyword(call, "path"), constants)
    if path is not None and LOCAL.match(path):
        text = f"{path!r} is a path of one machine, which Spark's workers don't see: use s3://bucket/key"
        yield Finding(name, call.lineno, True, BOTH, text)


def _keyword(call: ast.Call, *names: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg in names), None)


def _sources(call: ast.Call, name: str, constants: dict[str, str]) -> Iterator[Finding]:
    """Formats and kinds of connections that lakebox does not have."""
    chain = _chain(call.func)
    if not chain or chain[0] not in GLUE_READERS:
        return
    formats, advice = table("sources/formats.py", "REFUSED"), table("sources/readers.py", "ADVICE")
    known = {*table("sources/readers.py", "FILES"), *table("sources/jdbc.py", "DRIVERS"), "jdbc"}
    positional = 1 if chain[0].startswith("write") or "write_dynamic_frame" in chain else 0
    first = call.args[positional] if len(call.args) > positional else None
    kind = _text_of(_keyword(call, "connection_type") or first, constants)
    if kind is not None and kind not in known and kind not in formats:
        text = advice.get(kind, "use spark.read.jdbc with the driver's jar (--extra-jars)")
        yield Finding(name, call.lineno, True, (LAKEBOX,), f"lakebox has no connections of type {kind}: {text}")
    for given in (_text_of(_keyword(call, "format"), constants), kind):
        if given is not None and given in formats:
            yield Finding(name, call.lineno, True, (LAKEBOX,), f"lakebox has no format {given}: {formats[given]}")


def _attribute(node: ast.Attribute, name: str) -> Iterator[Finding]:
    refused = table("context.py", "REFUSED")
    if node.attr in STREAMS:
        yield Finding(name, node.lineno, True, (LAKEBOX,), f"{node.attr}: streaming jobs need AWS")
    elif node.attr in refused:
        text = f"lakebox's GlueContext has no {node.attr}: {refused[node.attr]}"
        yield Finding(name, node.lineno, True, (LAKEBOX,), text)
    elif node.attr == "amazonaws" and "_jvm" in ast.dump(node):
        text = "Glue 6.0 has no AWS SDK for Java 1 (com.amazonaws): use boto3"
        yield Finding(name, node.lineno, True, (GLUE_6_0,), text)


def _text(node: ast.Constant, text: str, name: str) -> Iterator[Finding]:
    if text.startswith(("s3a://", "s3n://")):
        said = f"{text[:3]}:// works from Glue 5.1 on only, and never in the catalog: write s3://"
        yield Finding(name, node.lineno, False, BOTH, said)
    elif text.startswith("hdfs://"):
        yield Finding(name, node.lineno, True, EVERYWHERE, "there is no HDFS: use s3://bucket/key")
    elif "EmrFileSystem" in text or text.startswith(("fs.s3.consistent", "spark.hadoop.fs.s3.consistent")):
        yield Finding(name, node.lineno, True, (GLUE_6_0,), "Glue 6.0 has no EMRFS: leave its settings out")


def _casts(tree: ast.Module, name: str) -> Iterator[Finding]:
    """One note on all casts that raise in ANSI mode, which Spark 4 starts in; none where the script sets the mode."""
    if any(isinstance(node, ast.Constant) and node.value == "spark.sql.ansi.enabled" for node in ast.walk(tree)):
        return
    lines = sorted({node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_ansi_cast(node)})
    if lines:
        more = f" (also lines {', '.join(map(str, lines[1:6]))}{' …' if len(lines) > 6 else ''})" if lines[1:] else ""
        text = f"a value that can't be cast raises in Spark 4, and was null before{more}: use try_cast, or set"
        yield Finding(name, lines[0], False, (GLUE_6_0,), f"{text} spark.sql.ansi.enabled=false")


def _is_ansi_cast(call: ast.Call) -> bool:
    method = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    first = call.args[0] if call.args else None
    if method == "cast" and isinstance(call.func, ast.Attribute):
        kind = _literal(first) if first is not None else None
        if kind is not None:
            return kind.lower().startswith(ANSI_CASTS)
        return isinstance(first, ast.Call) and "String" not in ast.dump(first)
    if method == "sql" and first is not None:
        text = _literal(first) or ""
        return re.search(r"\bcast\s*\((?!.*\bas\s+string)", text, flags=re.IGNORECASE | re.DOTALL) is not None
    return method in ANSI_FUNCTIONS
