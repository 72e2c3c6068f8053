"""Tables, partitions and databases between the shapes of Glue's API and those of Hive's metastore."""
