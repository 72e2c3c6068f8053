"""What workers note of a batch adds up, however its rows are cut into bins."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.batch_count import DAY_US, BatchCount, Notes
from jobs.storage import StorageError, open_store

ROWS = st.tuples(
    st.sampled_from(["click", "Größe/ 1"]), st.integers(0, 3 * DAY_US), st.sampled_from("IUD"), st.booleans()
)


def parsed(rows: list[tuple[str, int, str, bool]]) -> dict[str, list[Any]]:
    """Rows by column, as raw_to_bronze's workers make them; a quarantined item has its reason in op."""
    kept = [
        (kind, time_us, op, False) if not bad else (None, None, "no user_id", True) for kind, time_us, op, bad in rows
    ]
    names = ("event_type", "event_timestamp", "op", "quarantined")
    return {name: [row[place] for row in kept] for place, name in enumerate(names)}


@given(bins=st.lists(st.lists(st.lists(ROWS, max_size=4), max_size=3), min_size=1, max_size=4))
def test_the_sum_of_the_notes_is_the_count_of_all_rows(
    tmp_path_factory: pytest.TempPathFactory, bins: list[list[list[tuple[str, int, str, bool]]]]
) -> None:
    notes = Notes(open_store(str(tmp_path_factory.mktemp("notes"))), "notes/")
    for number, batches in enumerate(bins):
        count = BatchCount()
        for batch in batches:
            count.add(parsed(batch))
        notes.write(number, count)
    total = notes.read(len(bins))
    everything = [row for batches in bins for batch in batches for row in batch]
    kept = [row for row in everything if not row[3]]
    assert (total.rows, total.quarantined) == (len(kept), len(everything) - len(kept))
    assert total.deletes == sum(op == "D" for _, _, op, _ in kept)
    assert total.newest_us == max((time_us for _, time_us, _, _ in kept), default=None)
    days = ("1970-01-01", "1970-01-02", "1970-01-03", "1970-01-04")
    assert total.touched == {(event_type, days[time_us // DAY_US]) for event_type, time_us, _, _ in kept}


def test_a_note_that_is_missing_is_an_error_never_a_bin_without_rows(tmp_path: Path) -> None:
    notes = Notes(open_store(str(tmp_path)), "notes/")
    notes.write(0, BatchCount())
    with pytest.raises(StorageError, match=r"000001\.json is missing"):
        notes.read(2)
