"""The stack's Data Catalog and state: Hive Metastore and PostgreSQL, under the interfaces that SQLite has embedded."""
