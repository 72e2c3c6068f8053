"""Sandboxes that templates are deployed to: the real endpoint, and one whose Glue and Athena keep their requests."""

import contextlib
import functools
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from lakebox.account.services import account_services
from lakebox.deploy.cdk import Asset, CdkAssets
from lakebox.deploy.stack import Deployment, Step
from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.keys import Keys
from lakebox.endpoint.s3.multipart import Uploads
from lakebox.endpoint.s3.objects import Objects
from lakebox.endpoint.s3.service import S3
from lakebox.endpoint.server import Endpoint, running
from lakebox.endpoint.service import Operation, ServiceError
from lakebox.glue.data_catalog.documents import SqliteDocuments
from lakebox.glue.template.document import template_of
from lakebox.glue.template.scope import Account

KEYS = Keys("LKBXTEST", "not-a-secret")


@dataclass
class DeploySandbox:
    """Templates in, steps and clients out. `root` has the buckets, `folder` what templates name by local paths."""

    root: Path
    folder: Path
    url: str
    keys: Keys

    @functools.cache  # noqa: B019 a sandbox lives as long as its test
    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=self.keys.access_key,
            aws_secret_access_key=self.keys.secret_key,
        )

    def deployment(self, stack: str = "shop", assets: Mapping[str, Asset] | None = None) -> Deployment:
        return Deployment(self.client, Account(stack, "000000000000", "us-east-1"), CdkAssets(assets or {}))

    def steps(self, text: str, stack: str = "shop", **given: str) -> list[Step]:
        """Deploy a template; its steps."""
        template = template_of(textwrap.dedent(text), self.folder)
        return list(self.deployment(stack).deploy(template, given))

    def deploy(self, text: str, stack: str = "shop", **given: str) -> dict[str, str]:
        """Deploy a template; what became of each resource."""
        return {step.logical_id: step.outcome for step in self.steps(text, stack, **given)}

    def delete(self, stack: str = "shop") -> dict[str, str]:
        return {step.logical_id: step.outcome for step in self.deployment(stack).delete()}

    __hash__ = object.__hash__


@dataclass
class Recorder(Mapping[str, Operation]):
    """A service that has every operation: what is made is there until it is deleted. The endpoint checks each request
    against botocore's model before it comes here."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    there: list[tuple[str, set[str]]] = field(default_factory=list)  # kinds, and all texts of the requests

    def __getitem__(self, name: str) -> Operation:
        return lambda request: self._answer(name, request)

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def _answer(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        verb, noun = re.findall(r"^([A-Z][a-z]+)(\w+)$", name)[0]
        found = [entry for entry in self.there if entry[0] == noun and texts_of(request) <= entry[1]]
        if verb == "Get":
            if not found:
                raise ServiceError("EntityNotFoundException", "not there")
            return {}
        self.calls.append((name, request))
        answer = {}
        if verb == "Create":
            answer = {"NamedQueryId": f"query-{len(self.there)}"} if noun == "NamedQuery" else {}
            self.there.append((noun, texts_of(request) | texts_of(answer)))
        elif verb == "Delete":
            self.there = [entry for entry in self.there if entry not in found]
        return answer

    def taken(self) -> list[tuple[str, dict[str, Any]]]:
        """The changes that were asked for since the last time."""
        calls, self.calls = self.calls, []
        return calls


def texts_of(value: Any) -> set[str]:
    """All texts in a request."""
    if isinstance(value, dict | list):
        members = value.values() if isinstance(value, dict) else value
        return {text for member in members for text in texts_of(member)}
    return {value} if isinstance(value, str) else set()


@contextlib.contextmanager
def recording(root: Path) -> Iterator[tuple[DeploySandbox, Recorder]]:
    """A sandbox with a real S3 and IAM, and a Glue and an Athena that keep what they are sent."""
    recorder = Recorder()
    objects = Objects(Buckets(root), root / ".lakebox")
    documents = SqliteDocuments(root / ".lakebox" / "account.sqlite")
    services = {"glue": recorder, "athena": recorder, "iam": account_services(documents)["iam"]}
    endpoint = Endpoint(services, KEYS, s3=S3(objects, Uploads(objects, root / ".lakebox" / "uploads")), checked=True)
    with running(endpoint) as url:
        yield DeploySandbox(root, root.parent, url, KEYS), recorder
    documents.close()
    objects.close()
