"""What the stack answers otherwise than Athena, for good: the table in docs/stack-sql.md is made of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One difference: what it is about, what Athena does, what the stack does."""

    about: str
    athena: str
    stack: str


DIFFERENCES = (
    Difference("timestamps", "have milliseconds", "are read with microseconds, and printed with milliseconds; "
               "comparisons see all six digits"),
    Difference("`OPTIMIZE … REWRITE DATA USING BIN_PACK`", "rewrites by the properties `optimize_…`",
               "runs Trino's `optimize`, with Trino's own thresholds; WHERE on partitions only"),
    Difference("`VACUUM`", "goes by `vacuum_max_snapshot_age_seconds`, `vacuum_min_snapshots_to_keep`, "
               "`vacuum_max_metadata_files_to_keep`", "goes by `vacuum_max_snapshot_age_seconds` (five days) alone, "
               "and keeps the newest snapshot"),
    Difference("CREATE TABLE AS, UNLOAD", "write BZIP2, LZO, DEFLATE, too, and Ion",
               "write Parquet, ORC, Avro, JSON, text; GZIP (ZLIB for ORC, DEFLATE for Avro), SNAPPY, ZSTD, NONE, "
               "and LZ4 but for Parquet"),
    Difference("Ion, Grok, CloudTrail's SerDe", "are read", "are made in the catalog, and no query reads them"),
    Difference("partitions of more than 100 values in one write", "are refused", "are written"),
    Difference("federated catalogs, Lambda functions, `USING EXTERNAL FUNCTION`", "work", "are refused by Trino"),
    Difference("GRANT, REVOKE", "are Lake Formation's", "are refused: the sandbox has one user"),
    Difference("SHOW CREATE VIEW", "prints the query as it was written",
               "prints `UNNEST(a) AS t (x)` and tables of typed CSV in the words that Trino needs"),
    Difference("`EXPLAIN`", "prints Athena's plan", "prints the plan of Trino 476, with its costs"),
    Difference("functions", "are those of engine version 3", "are those of Trino 476, a few more than Athena has"),
)  # fmt: skip
