"""CRC-32C and CRC-64/NVME, which Python's own library lacks and the AWS CLI and other SDKs send; numpy computes them.

A CRC is linear: the CRC of two halves is that of the first, moved on by as many zero bytes as the second has, XOR that
of the second. So a megabyte is cut into lanes, all lanes are computed at once, and then joined pair by pair.
"""

from functools import cache
from typing import Any

LANE = 32  # bytes
PIECE = 1 << 20  # bytes that are computed at once


class Crc:
    """A reflected CRC of 32 or 64 bits, all ones before and after, with the methods of hashlib."""

    def __init__(self, bits: int, polynomial: int) -> None:
        self._bits, self._polynomial = bits, polynomial
        self._ones = (1 << bits) - 1
        self._state = self._ones

    def update(self, content: bytes) -> None:
        """Take in more bytes."""
        for start in range(0, len(content), PIECE):
            self._take(content[start : start + PIECE])

    def digest(self) -> bytes:
        """The checksum, most significant byte first."""
        return (self._state ^ self._ones).to_bytes(self._bits // 8, "big")

    def _take(self, content: bytes) -> None:
        import numpy as np  # takes 0.1 s, which other requests need not wait for

        size = max(LANE, 1 << (len(content) - 1).bit_length())  # leading zeros change nothing, once the state is in
        padded = np.zeros(size, dtype=np.uint8)
        padded[size - len(content) :] = np.frombuffer(content, dtype=np.uint8)
        state = np.frombuffer(self._state.to_bytes(8, "little"), dtype=np.uint8)[: len(content)]
        first = size - len(content)
        padded[first : first + len(state)] ^= state
        beyond = self._state >> (8 * len(content))  # of a state longer than the content: it moves down unchanged
        self._state = self._of_zero_state(padded) ^ beyond

    def _of_zero_state(self, content: Any) -> int:
        import numpy as np

        table = _table(self._polynomial)
        columns = content.reshape(-1, LANE).T
        lanes = np.zeros(columns.shape[1], dtype=np.uint64)
        for column in columns:
            lanes = (lanes >> np.uint64(8)) ^ table[(lanes ^ column) & np.uint64(255)]
        length = LANE
        while len(lanes) > 1:
            lanes = _moved(_zeros(self._polynomial, length), lanes[0::2]) ^ lanes[1::2]
            length *= 2
        return int(lanes[0])


def crc32c() -> Crc:
    """CRC-32C (Castagnoli)."""
    return Crc(32, 0x82F63B78)


def crc64nvme() -> Crc:
    """CRC-64/NVME."""
    return Crc(64, 0x9A6C9329AC4BC9B5)


@cache
def _table(polynomial: int) -> Any:
    """The state after each byte."""
    import numpy as np

    states = np.arange(256, dtype=np.uint64)
    for _ in range(8):
        states = (states >> np.uint64(1)) ^ (states & np.uint64(1)) * np.uint64(polynomial)
    return states


@cache
def _zeros(polynomial: int, length: int) -> Any:
    """Tables, one a byte of the state, that move a state on by so many zero bytes (a power of two)."""
    import numpy as np

    if length > 1:
        half = _zeros(polynomial, length // 2)
        return _moved(half, half)
    states = np.array([[value << (8 * place) for value in range(256)] for place in range(8)], dtype=np.uint64)
    return (states >> np.uint64(8)) ^ _table(polynomial)[states & np.uint64(255)]


def _moved(tables: Any, states: Any) -> Any:
    """States, each moved on by the zero bytes that the tables stand for."""
    import numpy as np

    moved = np.zeros_like(states)
    for place in range(8):
        moved ^= tables[place][(states >> np.uint64(8 * place)) & np.uint64(255)]
    return moved
