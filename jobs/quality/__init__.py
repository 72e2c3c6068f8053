"""Data quality rules in DQDL, the language of AWS Glue Data Quality, checked on any DataFrame.

`evaluate(frame, parse_ruleset(text))` gives the outcome of each rule, `rows_with_outcomes` each row with the rules
that it passes and fails.
"""

from jobs.quality.dqdl import parse_ruleset
from jobs.quality.outcomes import RuleOutcome, evaluate
from jobs.quality.rows import rows_with_outcomes
from jobs.quality.rules import Rule, Ruleset
from jobs.quality.tokens import RulesetError

__all__ = ["Rule", "RuleOutcome", "Ruleset", "RulesetError", "evaluate", "parse_ruleset", "rows_with_outcomes"]
