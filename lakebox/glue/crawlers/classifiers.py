"""Classifiers of a user's own, for CSV and JSON: Create, Get, GetClassifiers, Update, Delete."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.crawlers.formats.delimited import TYPES
from lakebox.glue.crawlers.formats.json_records import steps_of
from lakebox.glue.crawlers.formats.schema import UnreadableError
from lakebox.glue.data_catalog.documents import Document, Documents

CLASSIFIER = "classifier"
KINDS = ("CsvClassifier", "JsonClassifier")
REFUSED = {"GrokClassifier": "Grok patterns", "XMLClassifier": "XML"}


class Classifiers:
    """The operations on classifiers. A document is {kind: classifier}, as GetClassifier gives it."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateClassifier": self.create,
            "GetClassifier": lambda request: {"Classifier": self.get(request["Name"])},
            "GetClassifiers": lambda request: page_of(self._documents.all(CLASSIFIER), request, "Classifiers"),
            "UpdateClassifier": self.update,
            "DeleteClassifier": self.delete,
        }

    def get(self, name: str) -> Document:
        """A classifier. Raises ServiceError where there is none."""
        found = self._documents.get(CLASSIFIER, name)
        if found is None:
            raise _missing(name)
        return found

    def named(self, names: list[str]) -> list[Document]:
        """Classifiers without their kinds, in this order. Raises ServiceError where one is gone."""
        return [next(iter(self.get(name).values())) for name in names]

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateClassifier."""
        kind, given = _given(request)
        _check(kind, given)
        now = datetime.now(UTC)
        kept = {kind: given | {"CreationTime": now, "LastUpdated": now, "Version": 1}}
        if not self._documents.add(CLASSIFIER, given["Name"], kept):
            raise ServiceError("AlreadyExistsException", f"Classifier with name {given['Name']} already exists")
        return {}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateClassifier: replaces what is given."""
        kind, given = _given(request)

        def changed(before: Document) -> Document:
            if kind not in before:
                raise ServiceError("InvalidInputException", f"{given['Name']} is a {next(iter(before))}, not a {kind}")
            after = before[kind] | given
            _check(kind, after)
            return {kind: after | {"LastUpdated": datetime.now(UTC), "Version": before[kind]["Version"] + 1}}

        if self._documents.change(CLASSIFIER, given["Name"], changed) is None:
            raise _missing(given["Name"])
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteClassifier."""
        if not self._documents.delete(CLASSIFIER, request["Name"]):
            raise _missing(request["Name"])
        return {}


def _given(request: dict[str, Any]) -> tuple[str, Document]:
    """The kind and fields of the classifier in a request. Raises ServiceError where lakebox has no such kind."""
    for kind, word in REFUSED.items():
        if kind in request:
            text = f"lakebox has no classifiers for {word} ({kind}): use a CsvClassifier or JsonClassifier, or AWS"
            raise ServiceError("InvalidInputException", text)
    kinds = [kind for kind in KINDS if kind in request]
    if len(kinds) != 1:
        raise ServiceError("InvalidInputException", f"Give one of {' and '.join(KINDS)}")
    return kinds[0], request[kinds[0]]


def _check(kind: str, given: Document) -> None:
    """Raise ServiceError where a classifier can't be used."""
    if kind == "JsonClassifier":
        try:
            steps_of(given["JsonPath"])
        except UnreadableError as error:
            raise ServiceError("InvalidInputException", str(error)) from None
    if given.get("Delimiter") and given.get("Delimiter") == given.get("QuoteSymbol"):
        raise ServiceError("InvalidInputException", "QuoteSymbol must be different from Delimiter")
    unknown = sorted(set(map(str.upper, given.get("CustomDatatypes", []))) - set(TYPES))
    if unknown:
        text = f"CustomDatatypes has {', '.join(unknown)}; Glue has {', '.join(TYPES)}"
        raise ServiceError("InvalidInputException", text)


def _missing(name: str) -> ServiceError:
    return ServiceError("EntityNotFoundException", f"Classifier {name} does not exist")
