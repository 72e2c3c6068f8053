"""What a crawler knows of one file: its format, columns and size in records."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.lake.errors import LakeboxError
from lakebox.glue.crawlers.formats.types import Columns

TEXT_FORMATS = ("json", "csv")


class UnreadableError(LakeboxError):
    """A file can't be read as any format; the message says why."""


@dataclass(frozen=True)
class FileSchema:
    """A file as a classifier sees it.

    classification: parquet, orc, avro, json or csv
    compression: none, or how the whole file is compressed: gzip, bzip2
    records: number of records; estimated where only the file's beginning was read
    record_bytes: mean size of a record, uncompressed where that is known
    details: what the format needs beside: delimiter, header, quote, serde, json_path, avro_schema
    """

    classification: str
    compression: str
    columns: Columns
    records: int
    record_bytes: int
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> tuple[str, ...]:
        """What files of one table have in common beside their columns."""
        named = (self.details.get(name, "") for name in ("delimiter", "quote", "json_path"))
        return (self.classification, self.compression, *named)

    @property
    def is_text(self) -> bool:
        """Whether values are text, so that a column can be read as string whatever it holds."""
        return self.classification in TEXT_FORMATS


@dataclass(frozen=True)
class Sample:
    """The beginning of a text file.

    whole_bytes: size of the whole file, uncompressed; estimated where it is compressed and longer than the sample
    """

    text: str
    is_whole: bool
    whole_bytes: int
    compression: str

    def records(self, seen: int, seen_characters: int) -> tuple[int, int]:
        """Records of the whole file and their mean size, by those that the sample has in so many characters."""
        mean = max(1, round(seen_characters / max(1, seen)))
        return (seen if self.is_whole else max(seen, round(self.whole_bytes / mean))), mean
