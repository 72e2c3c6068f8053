"""The body of an upload, whichever way the client has sent and hashed it: what is kept is what was signed.

Checked: x-amz-content-sha256, the signature of each chunk, Content-MD5, and S3's own checksums, in a header or after
the last chunk.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from lakebox.endpoint.keys import Keys
from lakebox.endpoint.s3.authorization import Authorized
from lakebox.endpoint.s3.checksums import Checksums, announced
from lakebox.endpoint.service import ServiceError

PIECE = 1 << 20
LONGEST_LINE = 4096
LARGEST_CHUNK = 64 << 20
NOTHING = hashlib.sha256(b"").hexdigest()


class Upload:
    """Copies a request's body to a file, and says whether it is what the client's hashes speak of."""

    def __init__(self, headers: Mapping[str, str], authorized: Authorized, keys: Keys) -> None:
        self._headers = dict(headers)
        self._authorized, self._keys = authorized, keys
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.checksums = Checksums(announced(headers))

    def copy(self, stream: BinaryIO, length: int, out: BinaryIO) -> None:
        """Copy the body. Raises ServiceError where a hash or a signature does not hold."""
        is_chunked = self._authorized.payload.startswith("STREAMING-")
        whole = hashlib.sha256() if len(self._authorized.payload) == 64 else None
        for piece in self._chunks(stream) if is_chunked else _pieces(stream, length):
            if whole is not None:
                whole.update(piece)
            self.md5.update(piece)
            self.checksums.update(piece)
            out.write(piece)
        if whole is not None and whole.hexdigest() != self._authorized.payload:
            text = "The provided 'x-amz-content-sha256' header does not match what was computed."
            raise ServiceError("XAmzContentSHA256Mismatch", text)
        if self._headers.get("content-md5", md5 := base64.b64encode(self.md5.digest()).decode()) != md5:
            raise ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.")
        self.checksums.check(self._headers)

    def _chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        """The pieces of an aws-chunked body; signatures of chunks are checked, trailers become headers."""
        signs = "AWS4-HMAC-SHA256-PAYLOAD" in self._authorized.payload
        previous = self._authorized.signature
        while True:
            size_text, _, extension = _line(stream).partition(";")
            try:
                size = int(size_text, 16)
            except ValueError:
                raise ServiceError("InvalidRequest", "the body is not in the form aws-chunked") from None
            if size > LARGEST_CHUNK:
                raise ServiceError("InvalidRequest", f"a chunk has at most {LARGEST_CHUNK} bytes")
            content = _exactly(stream, size)
            if signs:
                previous = self._check_chunk(content, previous, extension.removeprefix("chunk-signature="))
            if size == 0:
                break
            _line(stream)
            yield content
        while line := _line(stream):
            name, _, value = line.partition(":")
            self._headers[name.strip().lower()] = value.strip()

    def _check_chunk(self, content: bytes, previous: str, given: str) -> str:
        by = self._authorized
        hashed = hashlib.sha256(content).hexdigest()
        text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", by.time, by.scope, previous, NOTHING, hashed])
        key = f"AWS4{self._keys.secret_key}".encode()
        for part in by.scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        expected = hmac.digest(key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise ServiceError("SignatureDoesNotMatch", "the signature of a chunk of the body does not hold", 403)
        return expected


def _pieces(stream: BinaryIO, length: int) -> Iterator[bytes]:
    while length:
        piece = _exactly(stream, min(PIECE, length))
        length -= len(piece)
        yield piece


def _exactly(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise ServiceError("IncompleteBody", "The request body ended before all of it had come")
    return content


def _line(stream: BinaryIO) -> str:
    line = b""
    while not line.endswith(b"\r\n"):
        byte = stream.read(1)
        if not byte:
            return line.decode("latin-1").strip()
        line += byte
        if len(line) > LONGEST_LINE:
            raise ServiceError("InvalidRequest", "the body is not in the form aws-chunked")
    return line[:-2].decode("latin-1")
