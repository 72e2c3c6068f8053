"""Athena's words for the compression of files, and the setting by which Trino writes them."""

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CatalogTable

CODECS: dict[str, dict[str, str]] = {  # by format: Athena's word, the default first, and Trino's
    "PARQUET": {"GZIP": "GZIP", "SNAPPY": "SNAPPY", "ZSTD": "ZSTD", "NONE": "NONE"},
    "ORC": {"ZLIB": "GZIP", "SNAPPY": "SNAPPY", "ZSTD": "ZSTD", "LZ4": "LZ4", "NONE": "NONE"},
    "AVRO": {"DEFLATE": "GZIP", "GZIP": "GZIP", "SNAPPY": "SNAPPY", "ZSTD": "ZSTD", "NONE": "NONE"},
    "TEXTFILE": {"GZIP": "GZIP", "SNAPPY": "SNAPPY", "ZSTD": "ZSTD", "LZ4": "LZ4", "NONE": "NONE"},
    "JSON": {"GZIP": "GZIP", "SNAPPY": "SNAPPY", "ZSTD": "ZSTD", "LZ4": "LZ4", "NONE": "NONE"},
}
INPUTS = {"parquet": ("PARQUET", "parquet.compression"), "orc": ("ORC", "orc.compress"),
          "avro": ("AVRO", "avro.output.codec"), "text": ("TEXTFILE", "write.compression")}  # fmt: skip


def file_format(name: str) -> str:
    """A format by Athena's word. Raises SqlError on one that Trino does not write."""
    form = {"TEXT": "TEXTFILE"}.get(name.upper(), name.upper())
    if form not in CODECS:
        problem = f"files of format {name} are not written by the stack"
        raise SqlError(f"{problem}; write format = {', '.join(repr(one) for one in CODECS)}", "NOT_SUPPORTED")
    return form


def chosen(form: str, compression: str | None) -> str:
    """The compression of a format's files by Athena's word. Raises SqlError on one that Trino does not write."""
    words = CODECS[form]
    if compression is None:
        return next(iter(words))
    word = {"UNCOMPRESSED": "NONE"}.get(compression.upper(), compression.upper())
    if word not in words:
        problem = f"{form} is not written with the compression {compression}"
        raise SqlError(f"{problem}; the stack has {', '.join(words)}", "INVALID_TABLE_PROPERTY")
    return word


def session_properties(form: str, compression: str) -> dict[str, str]:
    """Trino's setting for a format's compression."""
    return {"awsdatacatalog.compression_codec": CODECS[form][compression]}


def properties_of(table: CatalogTable) -> dict[str, str]:
    """Trino's setting for new files of a table, which say in the catalog how they are compressed."""
    written = table.storage.get("InputFormat", "").lower()
    for word, (form, name) in INPUTS.items():
        if word in written and not table.is_iceberg:
            return session_properties(form, chosen(form, table.properties.get(name)))
    return {}
