"""Where a lake lies and how it is changed safely: stores, locks, commits, Parquet, DataFrames in and out."""
