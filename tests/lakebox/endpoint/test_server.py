"""The endpoint as boto3 sees it: operations are answered, errors are AWS's, nothing is done without a signature."""

import http.client
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from lakebox.endpoint.keys import Keys, keys_of
from lakebox.endpoint.server import Endpoint, running
from lakebox.endpoint.service import ServiceError

KEYS = Keys("LKBXTEST", "not-a-secret")
CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Databases:
    """A tiny Glue of two operations that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        if request["Name"] == "broken":
            raise RuntimeError("a fault of ours")
        if request["Name"] != "sales":
            raise ServiceError("EntityNotFoundException", f"Database {request['Name']} not found.")
        return {"Database": {"Name": "sales", "CreateTime": CREATED, "Description": None}}

    def wrong(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"DatabaseList": [{"Description": "has no name"}]}


@pytest.fixture(scope="module")
def glue() -> Databases:
    return Databases()


@pytest.fixture(scope="module")
def address(glue: Databases) -> Iterator[str]:
    services = {"glue": {"GetDatabase": glue.get, "GetDatabases": glue.wrong}}
    with running(Endpoint(services, KEYS, checked=True)) as url:
        yield url


def client(service: str, address: str, keys: Keys = KEYS) -> Any:
    return boto3.client(
        service,
        endpoint_url=address,
        region_name="eu-west-1",
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


def post(address: str, headers: dict[str, str], body: bytes = b"{}") -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    connection.request("POST", "/", body, {"Content-Type": "application/x-amz-json-1.1", **headers})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def signed_headers(address: str, body: bytes = b'{"Name": "sales"}', **changed: str) -> dict[str, str]:
    """Headers of a rightly signed GetDatabase."""
    host = changed.pop("host", address.removeprefix("http://"))
    headers = {"X-Amz-Target": "AWSGlue.GetDatabase", "Host": host}
    request = AWSRequest("POST", f"http://{host}/", headers, body)
    SigV4Auth(Credentials(KEYS.access_key, KEYS.secret_key), "glue", "us-east-1").add_auth(request)
    return {**dict(request.headers), **changed}


def code_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return str(raised.value.response["Error"]["Code"])


def test_an_operation_answers_in_boto3s_shapes(address: str) -> None:
    database = client("glue", address).get_database(Name="sales")["Database"]
    assert database == {"Name": "sales", "CreateTime": CREATED}


def test_errors_carry_the_apis_code(address: str) -> None:
    assert code_of(client("glue", address).get_database, Name="nope") == "EntityNotFoundException"
    assert code_of(client("glue", address).get_job, JobName="nope") == "NotImplementedException"
    assert code_of(client("athena", address).list_work_groups) == "NotImplementedException"


def test_a_fault_of_ours_shows_no_traceback(address: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ClientError, match="the log of `lakebox serve` says why") as raised:
        client("glue", address).get_database(Name="broken")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert "a fault of ours" in caplog.text


def test_an_answer_of_another_shape_is_a_fault(address: str) -> None:
    assert code_of(client("glue", address).get_databases) == "InternalServiceException"


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"[]", "SerializationException", "must be a JSON object"),
        (b"{", "SerializationException", "is not JSON"),
        (b"{}", "ValidationException", 'Missing required parameter in input: "Name"'),
        (b'{"Name": 7}', "ValidationException", "Invalid type for parameter Name"),
        (b'{"Name": "a", "Nome": "b"}', "ValidationException", 'Unknown parameter in input: "Nome"'),
        (b'{"Name": "' + b"x" * 256 + b'"}', "ValidationException", "have length less than or equal to 255"),
    ],
)
def test_a_wrong_request_is_refused(address: str, body: bytes, code: str, said: str) -> None:
    status, error = post(address, signed_headers(address, body), body)
    assert (status, error["__type"]) == (400, code)
    assert said in error["message"]


def test_an_unknown_operation_is_named(address: str) -> None:
    body = b"{}"
    request = AWSRequest("POST", f"{address}/", {"X-Amz-Target": "AWSGlue.Nope"}, body)
    SigV4Auth(Credentials(KEYS.access_key, KEYS.secret_key), "glue", "us-east-1").add_auth(request)
    assert post(address, dict(request.headers), body)[1]["__type"] == "UnknownOperationException"


class TestNothingIsDoneWithoutASignature:
    """Whatever reaches the port, a web page's request included, calls no operation unless it is signed for it."""

    @pytest.fixture(autouse=True)
    def nothing_is_called(self, glue: Databases) -> Iterator[None]:
        before = glue.calls
        yield
        assert glue.calls == before

    def test_no_signature(self, address: str) -> None:
        status, error = post(address, {"X-Amz-Target": "AWSGlue.GetDatabase", "Origin": "http://evil.example"})
        assert (status, error["__type"]) == (403, "MissingAuthenticationToken")

    def test_no_web_page_is_allowed_to_ask(self, address: str) -> None:
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
        connection.request("OPTIONS", "/", headers={"Origin": "http://evil.example"})
        answer = connection.getresponse()
        assert answer.status == 403
        assert not [name for name, _ in answer.getheaders() if name.lower().startswith("access-control")]

    def test_another_name_of_this_host(self, address: str) -> None:
        port = address.rsplit(":", 1)[1]
        headers = signed_headers(address, host=f"evil.example:{port}")
        assert post(address, headers, b'{"Name": "sales"}')[1]["__type"] == "AccessDeniedException"

    def test_another_body(self, address: str) -> None:
        assert post(address, signed_headers(address), b'{"Name": "other"}')[1]["__type"] == "InvalidSignatureException"

    def test_another_operation(self, address: str) -> None:
        headers = signed_headers(address, **{"X-Amz-Target": "AWSGlue.DeleteDatabase"})
        assert post(address, headers, b'{"Name": "sales"}')[1]["__type"] == "InvalidSignatureException"

    def test_another_secret(self, address: str) -> None:
        stranger = client("glue", address, Keys(KEYS.access_key, "guessed"))
        assert code_of(stranger.get_database, Name="sales") == "InvalidSignatureException"

    def test_another_key(self, address: str) -> None:
        stranger = client("glue", address, Keys("AKIDEXAMPLE", KEYS.secret_key))
        assert code_of(stranger.get_database, Name="sales") == "UnrecognizedClientException"

    def test_a_request_of_yesterday(self, address: str) -> None:
        headers = signed_headers(address, **{"X-Amz-Date": "20200101T000000Z"})
        assert post(address, headers, b'{"Name": "sales"}')[1]["__type"] == "InvalidSignatureException"

    def test_a_host_that_is_not_signed(self, address: str) -> None:
        headers = signed_headers(address)
        headers["Authorization"] = headers["Authorization"].replace("SignedHeaders=host;", "SignedHeaders=")
        assert post(address, headers, b'{"Name": "sales"}')[1]["__type"] == "InvalidSignatureException"


def test_keys_are_made_once_for_their_owner(tmp_path: Path) -> None:
    first = keys_of(tmp_path / "new")
    assert keys_of(tmp_path / "new") == first
    assert (tmp_path / "new" / "keys.json").stat().st_mode & 0o777 == 0o600
    assert keys_of(tmp_path / "other") != first


def test_a_client_that_waits_may_send_its_body(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(1024).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(b"{}")
        assert connection.recv(1024).startswith(b"HTTP/1.1 403")
