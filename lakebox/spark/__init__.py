"""Spark: the JVM of the embedded target, and the stack's cluster."""
