"""The Glue Data Catalog of the embedded target: databases, tables with versions, partitions, connections, tags."""
