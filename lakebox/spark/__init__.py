"""Runs Spark for the commands: in a JVM on this machine, or watched over on the stack's cluster."""
