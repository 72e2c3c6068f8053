"""CloudTrail's log files, as CloudTrailInputFormat reads them: a file is one document, its records are the rows."""

import json
import re
from collections.abc import Iterator

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.text.lines import ByteCounter, line_blocks

INPUT_FORMAT = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
START, NEXT = re.compile(r'"Records"\s*:\s*\['), re.compile(r"[\s,]*")
AT_ONCE = 10_000


def record_blocks(path: str, counter: ByteCounter) -> Iterator[list[str]]:
    """The records of a file, each as the JSON that is written there. Raises SqlError on other files."""
    text = "\n".join(line for lines in line_blocks(path, counter) for line in lines)
    start = START.search(text)
    if start is None:
        problem = f"{path.rsplit('/', 1)[-1]} is no file of CloudTrail's: it has no Records"
        raise SqlError(f"{problem}; move it out of the table's folders", "HIVE_BAD_DATA")
    decoder, records, place = json.JSONDecoder(), [], start.end()
    while True:
        gap = NEXT.match(text, place)
        place = gap.end() if gap else place
        if text[place : place + 1] == "]":
            break
        try:
            _, end = decoder.raw_decode(text, place)
        except ValueError as error:
            raise SqlError(f"HIVE_BAD_DATA: Error parsing a record of {path.rsplit('/', 1)[-1]}: {error}",
                           "HIVE_BAD_DATA") from None  # fmt: skip
        records.append(text[place:end])
        place = end
    for first in range(0, len(records), AT_ONCE):
        yield records[first : first + AT_ONCE]
