"""AWS Glue's Python library for job scripts, over plain Spark DataFrames. Made by lakebox from AWS's documentation."""

from typing import Any


def __getattr__(name: str) -> Any:
    """`from awsglue import DynamicFrame`, which imports Spark only where a script asks for it."""
    if name == "DynamicFrame":
        from .dynamicframe import DynamicFrame

        return DynamicFrame
    raise AttributeError(name)
