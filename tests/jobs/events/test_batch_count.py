"""What is counted of a batch adds up, however its rows are cut into bins."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.events.batch_count import DAY_US, BatchCount, total

ROWS = st.tuples(st.sampled_from(["click", "Größe/ 1"]), st.integers(0, 3 * DAY_US), st.sampled_from("IUD"))
Bins = list[tuple[list[list[tuple[str, int, str]]], int]]
BINS = st.lists(st.tuples(st.lists(st.lists(ROWS, min_size=1, max_size=4), max_size=3), st.integers(0, 3)), max_size=4)


@given(bins=BINS)
def test_notes_sum_up_to_the_count_of_all(bins: Bins) -> None:
    notes = []
    for number, (batches, quarantined) in enumerate(bins):
        count = BatchCount(quarantined=quarantined, row_keys=[f"rows-{number}"], quarantine_keys=[f"bad-{number}"])
        for batch in batches:
            count.add(*zip(*batch, strict=True))
        notes.append(count.to_json())
    whole = total(notes)
    everything = [row for batches, _ in bins for batch in batches for row in batch]
    assert (whole.rows, whole.quarantined) == (len(everything), sum(quarantined for _, quarantined in bins))
    assert whole.deletes == sum(op == "D" for _, _, op in everything)
    assert whole.newest_us == max((time_us for _, time_us, _ in everything), default=None)
    days = ("1970-01-01", "1970-01-02", "1970-01-03", "1970-01-04")
    assert whole.touched == {(event_type, days[time_us // DAY_US]) for event_type, time_us, _ in everything}
    assert whole.row_keys == [f"rows-{number}" for number in range(len(bins))]
    assert whole.quarantine_keys == [f"bad-{number}" for number in range(len(bins))]
