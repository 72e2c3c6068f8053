"""Filters of Hive clients in the language of Glue's GetPartitions."""

import pytest
from hive_metastore.ttypes import MetaException

from lakebox.glue.metastore.shapes.partition_filter import glue_expression


@pytest.mark.parametrize(
    ("hive", "glue"),
    [
        ('year = 2025 and kind != "a\'b"', "year = 2025 and kind <> 'a''b'"),
        ("(day >= 2026-01-01 or n < -1.5)", "( day >= '2026-01-01' or n < -1.5 )"),
        ('kind like "a.*"', "kind like 'a%'"),
        ('kind like ".*a.*"', "kind like '%a%'"),
    ],
)
def test_filters_mean_the_same(hive: str, glue: str) -> None:
    assert glue_expression(hive) == glue


def test_what_is_not_understood_is_refused() -> None:
    with pytest.raises(MetaException, match="is not understood from '; drop' on"):
        glue_expression("year = 1; drop")
