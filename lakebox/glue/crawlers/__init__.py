"""Crawlers: look at what lies in buckets, and register tables and partitions in the catalog, as Glue's do.

    definitions, classifiers   what clients define
    crawls                     starts, stops and records; a crawl is a thread of the endpoint's process, without Spark
    crawl                      one crawl: targets -> files -> formats/ -> grouping -> table_input -> registration
    lake_tables                the tables of catalog/, whose types are known and whose batches are committed

Objects are read through the jobs' own stores (`jobs/lake/store.py`), a bucket each: a folder on the embedded target,
S3 on the stack. A folder's files are then opened by their path, where an S3 client would ask this same process for
each piece. The catalog is written by its operations, so that both targets' catalogs take it alike: a table first,
then its partitions, a request of at most a hundred at a time. A crawl that is killed leaves tables and partitions that
are there whole; the next crawl compares all of them with what lies in the buckets, and mends the rest.
"""
