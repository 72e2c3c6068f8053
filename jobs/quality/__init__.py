"""Data quality rules in DQDL, the language of AWS Glue Data Quality, checked on any DataFrame.

`language` reads rules, `evaluation.evaluate(frame, ruleset)` gives the outcome of each rule, `row_outcomes` each row
with the rules that it passes and fails. Nothing is imported here: who only reads rules needs no Spark.
"""
