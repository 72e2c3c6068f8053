"""One item of a raw file, as it was delivered."""

import gzip
from pathlib import Path

import pytest

from lakebox.site.raw_items import raw_item

ARRAY = '[\n  {"a": 1},\n  {"b":\n    [2, "}"]}\n]\n'


@pytest.mark.parametrize(
    ("name", "content", "line", "item"),
    [
        ("a.jsonl", b'{"a": 1}\n{"b": 2}\n', 2, '{"b": 2}'),
        ("a.json", ARRAY.encode(), 3, '{"b":\n    [2, "}"]}'),
        ("a.jsonl.gz", gzip.compress(b'{"a": 1}\n', mtime=0), 1, '{"a": 1}'),
        ("broken.jsonl", b'{"a": 1\n{"b": 2}\n', 1, '{"a": 1'),
        ("short.jsonl", b'{"a": 1}\n', 9, None),
        ("cut.json.gz", gzip.compress(ARRAY.encode(), mtime=0)[:20], 1, None),
    ],
)
def test_an_item_is_found_by_its_line(tmp_path: Path, name: str, content: bytes, line: int, item: str | None) -> None:
    (tmp_path / name).write_bytes(content)
    assert raw_item(None, str(tmp_path / name), line) == item
    assert raw_item(None, (tmp_path / name).as_uri(), line) == item


def test_a_file_that_is_gone_gives_no_item(tmp_path: Path) -> None:
    assert raw_item(None, str(tmp_path / "gone.json"), 1) is None
