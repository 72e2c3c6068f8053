"""What the quality gate adds to the outcomes of its rules: the table as it is stored, and the report on it."""
