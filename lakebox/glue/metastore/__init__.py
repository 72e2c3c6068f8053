"""The Glue Data Catalog as a Hive metastore, so that Spark SQL and Iceberg's Hive catalog work on its tables."""
