"""Lines of text files, plain or compressed, in blocks; counts the bytes that are read from disk."""

import bz2
import gzip
import io
import re
from collections.abc import Iterator
from typing import IO, Any, cast

from lakebox.athena.engine import SqlError

BLOCK = 1 << 20
LINE_END = re.compile(rb"\r\n|\r|\n")
REFUSED = (".snappy", ".lz4", ".lzo", ".deflate", ".zip", ".xz")


class CountedFile(io.RawIOBase):
    """A file that counts what is read of it."""

    def __init__(self, path: str, counter: "ByteCounter") -> None:
        self._file, self._counter = open(path, "rb", buffering=0), counter  # noqa: SIM115, PTH123 closed below

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        count = self._file.readinto(buffer)
        self._counter.add(count)
        return count

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class ByteCounter:
    """The bytes that a query has read from files that DuckDB does not read itself."""

    def __init__(self) -> None:
        self.total = 0

    def add(self, count: int) -> None:
        """Add some."""
        self.total += count


def line_blocks(path: str, counter: ByteCounter, skipped: int = 0) -> Iterator[list[str]]:
    """The lines of a file in blocks of a megabyte. Lines end with \\n, \\r\\n or \\r; bytes that are no UTF-8 become ?.

    skipped: so many lines at the start are left out. Raises SqlError on a compression that is not supported.
    """
    with _opened(path, counter) as stream:
        rest = b""
        while True:
            try:
                block = stream.read(BLOCK)
            except (OSError, EOFError, ValueError) as error:
                raise SqlError(f"{path.rsplit('/', 1)[-1]} can't be read: {error}", "HIVE_CANNOT_OPEN_SPLIT") from None
            data = rest + block
            if not block:
                lines, rest = [data] if data else [], b""
                if data.endswith(b"\r"):
                    lines = [data[:-1]]
            else:
                held = data.endswith(b"\r")  # a \n may follow
                lines = LINE_END.split(data[:-1] if held else data) if b"\r" in data else data.split(b"\n")
                rest = lines.pop() + (b"\r" if held else b"")
            if skipped:
                lines, skipped = lines[skipped:], max(0, skipped - len(lines))
            if lines:
                yield [line.decode("utf-8", "replace") for line in lines]
            if not block:
                return


def _opened(path: str, counter: ByteCounter) -> IO[bytes]:
    name = path.lower()
    raw = io.BufferedReader(CountedFile(path, counter), BLOCK)
    if name.endswith((".gz", ".gzip")):
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    if name.endswith(".bz2"):
        return cast(IO[bytes], bz2.BZ2File(raw))
    if name.endswith((".zst", ".zstd")):
        import pyarrow as pa

        return cast(IO[bytes], pa.CompressedInputStream(raw, "zstd"))
    if name.endswith(REFUSED):
        raw.close()
        problem = f"{path.rsplit('/', 1)[-1]} is compressed in a way that the embedded engine does not read"
        raise SqlError(f"{problem}; use gzip, bzip2 or zstd", "NOT_SUPPORTED")
    return raw
