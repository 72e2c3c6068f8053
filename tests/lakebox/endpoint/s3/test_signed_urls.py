"""Presigned URLs do what was signed until they expire; without a signature nothing is answered."""

import http.client
from typing import Any
from urllib.request import urlopen

import pytest
from s3_sandbox import KEYS, client, code_of

from lakebox.endpoint.keys import Keys


def test_a_presigned_url_carries_metadata(url: str, s3: Any) -> None:
    params = {"Bucket": "data", "Key": "x", "Metadata": {"venue": "12"}, "ContentType": "text/plain"}
    put = client(url, signature_version="s3").generate_presigned_url("put_object", params)
    text, changed = {"Content-Type": "text/plain"}, put.replace("venue=12", "venue=13")
    for path, headers, status in ((put, {}, 403), (changed, text, 403), (put, text, 200)):
        connection = http.client.HTTPConnection(put.split("/")[2], timeout=60)
        connection.request("PUT", "/" + path.split("/", 3)[3], b"by url", headers)
        assert connection.getresponse().status == status
    head = s3.head_object(Bucket="data", Key="x")
    assert (head["Metadata"], head["ContentType"]) == ({"venue": "12"}, "text/plain")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_urls_work_until_they_expire(url: str, s3: Any, version: str) -> None:
    s3 = client(url, signature_version=version)
    put = s3.generate_presigned_url("put_object", {"Bucket": "data", "Key": "p q"}, ExpiresIn=60)
    connection = http.client.HTTPConnection(put.split("/")[2], timeout=60)
    connection.request("PUT", "/" + put.split("/", 3)[3], b"by url")
    assert connection.getresponse().status == 200
    get = s3.generate_presigned_url("get_object", {"Bucket": "data", "Key": "p q"}, ExpiresIn=60)
    assert urlopen(get, timeout=60).read() == b"by url"
    past = s3.generate_presigned_url("get_object", {"Bucket": "data", "Key": "p q"}, ExpiresIn=-1)
    for wrong in (get.replace("p%20q", "other"), get.replace("Expires=", "Expires=1"), past, get.replace("TEST", "X")):
        connection = http.client.HTTPConnection(wrong.split("/")[2], timeout=60)
        connection.request("GET", "/" + wrong.split("/", 3)[3])
        assert connection.getresponse().status in (400, 403), wrong


def test_an_unsigned_request_gets_nothing(url: str, s3: Any) -> None:
    s3.put_object(Bucket="data", Key="x", Body=b"secret")
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    connection.request("GET", "/data/x", headers={"Origin": "http://evil.example"})
    assert connection.getresponse().status == 403
    stranger = client(url, Keys(KEYS.access_key, "guessed"))
    assert code_of(stranger.get_object, Bucket="data", Key="x") == "SignatureDoesNotMatch"
