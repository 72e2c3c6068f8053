"""Statements other than queries: DDL and SHOW in Hive's words, CREATE TABLE AS, INSERT, UNLOAD, views, EXPLAIN."""
