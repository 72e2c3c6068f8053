"""Generated histories of events, a user each: changes in any order, batching and repetition."""

import random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Change = dict[str, Any]
BATCHES = 4
TIMES = ("2025-06-17T23:59:59.999999Z", "2025-06-18T00:00:00Z", "2025-06-18T02:00:00+02:00", 1750204800, 1750204800000,
         "2025-06-18 10:00:00.5", "2025-06-19T00:00:00")  # fmt: skip
UPDATES = (
    "2025-06-18T00:00:00Z",
    1750204800,
    "2025-06-18T12:00:00Z",
    "2025-06-18T12:00:00.000001Z",
    "2025-06-20T00:00:00Z",
)

changes = st.fixed_dictionaries(
    {"event_type": st.sampled_from(["click", "purchase", "a/b=ü"]), "timestamp": st.sampled_from(TIMES)},
    optional={
        "op": st.sampled_from(["I", "U", "D", "d", "u"]),
        "updated_at": st.sampled_from(UPDATES),
        "page": st.sampled_from(["/a", "/b", ""]),
        "amount": st.sampled_from([1.5, -2.25]),
        "z_other": st.sampled_from(["x", None, {"b": 1, "a": [True, None]}]),
    },
)
histories = st.tuples(st.lists(changes, min_size=1, max_size=8), st.integers(0, 2**32))


def spread(history: list[Change], seed: int) -> list[list[Change]]:
    """A history's changes in an order and batches of chance, some delivered again."""
    chance = random.Random(seed)
    delivered = history + [change for change in history if chance.random() < 0.2]
    chance.shuffle(delivered)
    batches: list[list[Change]] = [[] for _ in range(BATCHES)]
    for change in delivered:
        batches[chance.randrange(BATCHES)].append(change)
    return batches


def collected(count: int) -> list[tuple[list[Change], int]]:
    """That many histories, as hypothesis finds them: small ones, long ones, and those with many equal values."""
    found: list[tuple[list[Change], int]] = []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories)
    def collect(history: tuple[list[Change], int]) -> None:
        found.append(history)

    collect()
    return found
