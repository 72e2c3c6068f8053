"""CRC-32C and CRC-64/NVME by numpy agree with their definition, however the content is cut."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakebox.endpoint.s3.crc import PIECE, Crc, crc32c, crc64nvme


def bit_by_bit(content: bytes, bits: int, polynomial: int) -> bytes:
    state = ones = (1 << bits) - 1
    for byte in content:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (polynomial if state & 1 else 0)
    return (state ^ ones).to_bytes(bits // 8, "big")


@given(st.lists(st.binary(max_size=100), max_size=5))
def test_pieces_give_the_crc_of_the_whole(pieces: list[bytes]) -> None:
    for made, bits, polynomial in ((crc32c(), 32, 0x82F63B78), (crc64nvme(), 64, 0x9A6C9329AC4BC9B5)):
        for piece in pieces:
            made.update(piece)
        assert made.digest() == bit_by_bit(b"".join(pieces), bits, polynomial)


@pytest.mark.parametrize("make", [crc32c, crc64nvme])
def test_long_content_is_computed_in_pieces(make: Callable[[], Crc]) -> None:
    content = bytes(range(256)) * (PIECE // 256) + b"more"
    at_once, cut = make(), make()
    at_once.update(content)
    for start in range(0, len(content), 100_000):
        cut.update(content[start : start + 100_000])
    assert at_once.digest() == cut.digest()
