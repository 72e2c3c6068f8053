"""DQDL, the language of AWS Glue Data Quality: text -> rules as values. Needs no Spark.

`parse_ruleset(text)` gives a Ruleset, or raises RulesetError with the line and what to write instead.
"""

from jobs.quality.language.document import parse_ruleset
from jobs.quality.language.rules import Composite, Rule, Ruleset
from jobs.quality.language.tokens import RulesetError

__all__ = ["Composite", "Rule", "Ruleset", "RulesetError", "parse_ruleset"]
