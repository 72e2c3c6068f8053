"""Statements that write the rows of a query: CREATE TABLE AS, INSERT INTO, UNLOAD."""
