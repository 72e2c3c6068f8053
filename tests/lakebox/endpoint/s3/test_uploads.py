"""Uploads through boto3 and as other clients send them: in parts, in chunks, with every checksum."""

import base64
import io
import os
import zlib
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from s3_sandbox import code_of, keys_in, signed_put


def test_multipart_uploads_become_one_object(s3: Any, root: Path) -> None:
    content = os.urandom(11 << 20)
    config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    s3.upload_fileobj(io.BytesIO(content), "data", "big", Config=config)
    assert (root / "data" / "big").read_bytes() == content
    assert s3.head_object(Bucket="data", Key="big")["ETag"].endswith('-3"')
    back = io.BytesIO()
    s3.download_fileobj("data", "big", back, Config=config)
    assert back.getvalue() == content
    upload = s3.create_multipart_upload(Bucket="data", Key="other")["UploadId"]
    part = s3.upload_part_copy(
        Bucket="data", Key="other", UploadId=upload, PartNumber=1, CopySource="data/big", CopySourceRange="bytes=0-9"
    )["CopyPartResult"]
    assert [item["Size"] for item in s3.list_parts(Bucket="data", Key="other", UploadId=upload)["Parts"]] == [10]
    assert [item["Key"] for item in s3.list_multipart_uploads(Bucket="data")["Uploads"]] == ["other"]
    wrong = {"Parts": [{"PartNumber": 2, "ETag": part["ETag"]}]}
    arguments = {"Bucket": "data", "Key": "other", "UploadId": upload}
    assert code_of(s3.complete_multipart_upload, MultipartUpload=wrong, **arguments) == "InvalidPart"
    assert code_of(s3.upload_part_copy, CopySource="data/big", CopySourceRange="0-9", PartNumber=1, **arguments) == (
        "InvalidArgument"
    )
    second = s3.upload_part(PartNumber=2, Body=b"end", **arguments)
    paged = s3.list_parts(MaxParts=1, **arguments)
    assert (paged["NextPartNumberMarker"], paged["IsTruncated"]) == (1, True)
    assert [item["Size"] for item in s3.list_parts(PartNumberMarker=1, **arguments)["Parts"]] == [3]
    both = [{"PartNumber": 1, "ETag": part["ETag"]}, {"PartNumber": 2, "ETag": second["ETag"]}]
    assert code_of(s3.complete_multipart_upload, MultipartUpload={"Parts": both}, **arguments) == "EntityTooSmall"
    assert code_of(s3.complete_multipart_upload, MultipartUpload={"Parts": []}, **arguments) == "MalformedXML"
    s3.abort_multipart_upload(**arguments)
    assert code_of(s3.list_parts, **arguments) == "NoSuchUpload"
    assert keys_in(s3) == ["big"]


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_are_checked_and_kept(s3: Any, algorithm: str) -> None:
    answer = s3.put_object(Bucket="data", Key="x", Body=b"abc", ChecksumAlgorithm=algorithm)
    member = f"Checksum{algorithm}"
    assert code_of(s3.put_object, Bucket="data", Key="x", Body=b"other", **{member: "AAAAAA=="}) == "BadDigest"
    got = s3.get_object(Bucket="data", Key="x", ChecksumMode="ENABLED")
    assert (got["Body"].read(), got[member]) == (b"abc", answer[member])
    assert member not in s3.get_object(Bucket="data", Key="x", Range="bytes=0-0")
    assert s3.list_objects_v2(Bucket="data")["Contents"][0]["ChecksumAlgorithm"] == [algorithm]
    assert s3.copy_object(Bucket="data", Key="y", CopySource="data/x")["CopyObjectResult"][member] == answer[member]


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("crc32c", b"4waSgw=="),  # of 123456789: e3069283
        ("crc64nvme", b"rosUhgp5mIg="),  # ae8b14860a799888
    ],
)
def test_checksums_that_boto3_lacks_are_checked(url: str, s3: Any, root: Path, name: str, right: bytes) -> None:
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "9",
        "x-amz-trailer": f"x-amz-checksum-{name}",
    }
    chunks = b"9\r\n123456789\r\n0\r\nx-amz-checksum-" + name.encode() + b":%s\r\n\r\n"
    assert signed_put(url, "/data/crc", headers, chunks % right) == 200
    assert (root / "data" / "crc").read_bytes() == b"123456789"
    assert signed_put(url, "/data/wrong", headers, chunks % right.swapcase()) == 400
    assert signed_put(url, "/data/wrong", headers, b"9\r\n123456789\r\n0\r\n\r\n") == 400
    assert signed_put(url, "/data/wrong", headers | {"x-amz-trailer": "x-amz-checksum-md4"}, chunks % right) == 400
    assert keys_in(s3) == ["crc"]


def test_streams_without_a_length_in_chunks(url: str, s3: Any, root: Path) -> None:
    body = b"first line\n" * 10
    chunks = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\nx-amz-checksum-crc32:" + crc32(body) + b"\r\n\r\n"
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(len(body)),
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    assert signed_put(url, "/data/chunked", headers, chunks) == 200
    assert (root / "data" / "chunked").read_bytes() == body
    assert signed_put(url, "/data/chunked", headers, chunks.replace(b"first", b"worst")) == 400


def test_a_whole_uploads_checksum_is_checked(s3: Any) -> None:
    upload = {"Bucket": "data", "Key": "x", "UploadId": s3.create_multipart_upload(Bucket="data", Key="x")["UploadId"]}
    parts = {"Parts": [{"PartNumber": 1, "ETag": s3.upload_part(PartNumber=1, Body=b"123456789", **upload)["ETag"]}]}
    wrong, right = {"ChecksumCRC32C": "AAAAAA=="}, {"ChecksumCRC32C": "4waSgw=="}
    assert code_of(s3.complete_multipart_upload, MultipartUpload=parts, **wrong, **upload) == "BadDigest"
    s3.complete_multipart_upload(MultipartUpload=parts, **right, **upload)
    assert s3.head_object(Bucket="data", Key="x", ChecksumMode="ENABLED")["ChecksumCRC32C"] == "4waSgw=="


def crc32(body: bytes) -> bytes:
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big"))
