"""Digests, check sums and other codes of bytes."""

import base64
import hashlib
import hmac
import zlib

MASK = 2**64 - 1
PRIMES = (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)


def sha512(data: bytes) -> bytes:
    """The digest of bytes."""
    return hashlib.sha512(data).digest()


def keyed_digest(data: bytes, key: bytes, name: str) -> bytes:
    """The digest of bytes with a key."""
    return hmac.new(key, data, name).digest()


def crc32(data: bytes) -> int:
    """The check sum of bytes."""
    return zlib.crc32(data)


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> (64 - bits)) & MASK


def _mixed(lane: int, word: int) -> int:
    return _rotated((lane + word * PRIMES[1]) & MASK, 31) * PRIMES[0] & MASK


def xxhash64(data: bytes) -> bytes:
    """xxHash with 64 bits and seed 0."""
    words = [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data) - 7, 8)]
    stripes = len(data) // 32 * 4
    total = PRIMES[4]
    if stripes:
        lanes = [(PRIMES[0] + PRIMES[1]) & MASK, PRIMES[1], 0, -PRIMES[0] & MASK]
        for at in range(0, stripes, 4):
            lanes = [_mixed(lane, word) for lane, word in zip(lanes, words[at : at + 4], strict=True)]
        total = sum(_rotated(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & MASK
        for lane in lanes:
            total = ((total ^ _mixed(0, lane)) * PRIMES[0] + PRIMES[3]) & MASK
    total = (total + len(data)) & MASK
    for word in words[stripes:]:
        total = (_rotated(total ^ _mixed(0, word), 27) * PRIMES[0] + PRIMES[3]) & MASK
    rest = data[len(words) * 8 :]
    if len(rest) >= 4:
        total ^= int.from_bytes(rest[:4], "little") * PRIMES[0] & MASK
        total, rest = (_rotated(total, 23) * PRIMES[1] + PRIMES[2]) & MASK, rest[4:]
    for byte in rest:
        total = _rotated(total ^ (byte * PRIMES[4] & MASK), 11) * PRIMES[0] & MASK
    for bits, prime in ((33, PRIMES[1]), (29, PRIMES[2])):
        total = (total ^ total >> bits) * prime & MASK
    return (total ^ total >> 32).to_bytes(8, "big")


def _avalanche(value: int) -> int:
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor & MASK
    return value ^ value >> 33


def murmur3(data: bytes) -> bytes:
    """MurmurHash3 with 128 bits and seed 0."""
    first, second, factors = 0, 0, (0x87C37B91114253D5, 0x4CF5AD432745937F)
    whole = len(data) // 16 * 16
    for at in range(0, whole, 16):
        one, two = (int.from_bytes(data[place : place + 8], "little") for place in (at, at + 8))
        first ^= _rotated(one * factors[0] & MASK, 31) * factors[1] & MASK
        first = ((_rotated(first, 27) + second) * 5 + 0x52DCE729) & MASK
        second ^= _rotated(two * factors[1] & MASK, 33) * factors[0] & MASK
        second = ((_rotated(second, 31) + first) * 5 + 0x38495AB5) & MASK
    one, two = (int.from_bytes(data[place : place + 8], "little") for place in (whole, whole + 8))
    second ^= _rotated(two * factors[1] & MASK, 33) * factors[0] & MASK
    first ^= _rotated(one * factors[0] & MASK, 31) * factors[1] & MASK
    first, second = first ^ len(data), second ^ len(data)
    first = (first + second) & MASK
    second = (second + first) & MASK
    first, second = _avalanche(first), _avalanche(second)
    first = (first + second) & MASK
    return first.to_bytes(8, "little") + ((second + first) & MASK).to_bytes(8, "little")


def base32(data: bytes) -> str:
    """Bytes as base32."""
    return base64.b32encode(data).decode()
