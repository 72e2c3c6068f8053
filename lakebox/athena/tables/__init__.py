"""The catalog's tables as DuckDB reads them: columns, partitions, files of each format, views."""
