"""Keeps the sample data, which is read where nobody names raw files, out of lakes that hold a user's own events."""

from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from lakebox.settings import Settings, SettingsError


def refuse_own_events(settings: Settings) -> None:
    """Raise SettingsError where nobody named raw files, and the lake has read any but the sample data.

    The rule: without --raw a run reads the sample data, and only into a lake that has read nothing else. Each batch of
    Bronze names the files that it was read from.
    """
    if settings.raw_is_named:
        return
    own_file = file_of_others(Lake(open_store(settings.lake_uri)), settings.raw_uri)
    if own_file is not None:
        text = f"the lake at {settings.lake_uri} holds events of {own_file.rpartition('/')[0]}"
        raise SettingsError(f"{text}; name your raw files with --raw (without it, the sample data would be added)")


def file_of_others(lake: Lake, sample_uri: str) -> str | None:
    """A file that the lake has read and that is none of the sample data's; None where there is no such file."""
    root = open_store(sample_uri).uri("")
    batches = (lake.batch(number) for number in range(1, lake.bronze().last_batch + 1))
    return next((file for batch in batches for file in batch.files if not file.startswith(root)), None)
