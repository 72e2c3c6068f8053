"""AWS Glue's Python library for job scripts, over plain Spark DataFrames. Made by lakebox from AWS's documentation."""
