"""Names of Glue's types, which some scripts import; Spark's types stand for them."""

__all__ = [name for name in dict(globals()) if name.endswith("Type")]
