"""S3 at the stack's API: all requests go on to MinIO, but for settings of buckets that MinIO does not have.

Terraform asks here where AWS_ENDPOINT_URL_S3 is unset, so that its projects apply as they are; other clients ask MinIO
itself.
"""

import http.client
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from lakebox.endpoint.keys import Keys
from lakebox.endpoint.request import Answer, Request
from lakebox.endpoint.s3.answers import error_answer
from lakebox.endpoint.s3.authorization import authorized
from lakebox.endpoint.s3.buckets.settings import answer_for_setting, least_size, setting_in
from lakebox.endpoint.s3.service import target_of
from lakebox.endpoint.service import ServiceError
from lakebox.glue.data_catalog.documents import Document, Documents

SETTINGS = "bucket-settings"  # of the state: a document a bucket
OWN = ("publicAccessBlock", "ownershipControls", "encryption", "acl", "cors", "logging")
OF_ONE_CONNECTION = ("connection", "content-length", "date", "expect", "server", "transfer-encoding")
PIECE = 1 << 20
PATIENCE_S = 300
OK, NOT_FOUND = 200, 404


class StackS3:
    """Answers S3's requests. s3: boto3's client of MinIO; url: where MinIO is"""

    def __init__(self, documents: Documents, s3: Any, url: str) -> None:
        self._documents, self._s3, self._place = documents, s3, urlsplit(url).netloc

    def __call__(self, request: Request, keys: Keys) -> Answer:
        """Answer a request; MinIO checks the signature of what goes on to it."""
        bucket, key, query = target_of(request)
        setting = None if key else setting_in(query)
        try:
            if bucket and setting in OWN:
                authorized(request, keys, datetime.now(UTC))
                return answer_for_setting(self, request, bucket, setting)
            answer = self._forwarded(request)
            if setting == "lifecycle":
                answer = self._with_least_size(request, bucket, answer)
        except ServiceError as error:
            return error_answer(error, request)
        except (OSError, BotoCoreError, ClientError) as error:
            text = f"MinIO does not answer ({error}); is the service minio up? lakebox status tells"
            return error_answer(ServiceError("ServiceUnavailable", text, 503), request)
        if request.method == "DELETE" and bucket and not key and not query and answer.status == 204:
            self._documents.delete(SETTINGS, bucket)
        return answer

    def folder(self, bucket: str) -> str:
        """The bucket's name. Raises ServiceError where there is no such bucket."""
        try:
            self._s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != NOT_FOUND:
                raise
            raise ServiceError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket) from None
        return bucket

    def setting(self, bucket: str, name: str) -> Document | None:
        """What is kept of one of a bucket's settings; None where nothing is."""
        return (self._documents.get(SETTINGS, bucket) or {}).get(name)

    def keep_setting(self, bucket: str, name: str, content: Mapping[str, Any] | None) -> None:
        """Keep a setting of a bucket; None forgets it."""
        self._documents.add(SETTINGS, bucket, {})
        self._documents.change(SETTINGS, bucket, lambda settings: settings | {name: content})

    def _with_least_size(self, request: Request, bucket: str, answer: Answer) -> Answer:
        """MinIO's answer about a lifecycle, with a header of S3's that MinIO has not: Terraform waits for it."""
        if answer.status != OK or request.method == "DELETE":
            return answer
        if request.method == "PUT":
            self.keep_setting(bucket, "lifecycle", least_size(request))
        return replace(answer, headers={**answer.headers, **(self.setting(bucket, "lifecycle") or least_size(request))})

    def _forwarded(self, request: Request) -> Answer:
        """MinIO's answer to a request, whose headers it gets as they were signed."""
        connection = http.client.HTTPConnection(self._place, timeout=PATIENCE_S, blocksize=PIECE)
        headers = {name: value for name, value in request.headers.items() if name not in OF_ONE_CONNECTION}
        body = request.stream if request.length else None
        length = {"content-length": str(request.length), "connection": "close"}
        connection.request(request.method, request.target, body, headers | length)
        response = connection.getresponse()
        told = {name: value for name, value in response.getheaders() if name.lower() not in OF_ONE_CONNECTION}
        size = response.headers.get("content-length")
        if request.method == "HEAD" or size is None:
            return Answer(response.status, response.read(), told, None if size is None else int(size))
        return Answer(response.status, cast(BinaryIO, response), told, int(size))
