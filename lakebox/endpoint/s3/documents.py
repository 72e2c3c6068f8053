"""The XML documents that requests to S3 carry, and the tags in them."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

from lakebox.endpoint.request import Request
from lakebox.endpoint.service import ServiceError

LARGEST_DOCUMENT = 8 << 20
MOST_TAGS = 10  # of an object


def body_of(request: Request) -> bytes:
    """The request's body, which is small."""
    return request.stream.read(LARGEST_DOCUMENT) if request.body is None else request.body


def parsed(body: bytes) -> ElementTree.Element:
    """A body's XML. Raises ServiceError on anything else, entities included."""
    try:
        if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
            raise ElementTree.ParseError("no document type is allowed")
        return ElementTree.fromstring(body)  # noqa: S314 without a document type there are no entities to expand
    except ElementTree.ParseError as error:
        text = f"The XML you provided was not well-formed or did not validate against our published schema: {error}"
        raise ServiceError("MalformedXML", text) from None


def text_of(element: ElementTree.Element, name: str) -> str:
    """The text of an element's child, by its name without namespace; empty where there is none."""
    return next((child.text or "" for child in element if child.tag.endswith(name)), "")


def tags_in(document: ElementTree.Element) -> str:
    """The tags of a Tagging document, in the form of the header x-amz-tagging. Raises ServiceError on wrong ones."""
    tags = [(text_of(tag, "Key"), text_of(tag, "Value")) for tag in document.iter() if tag.tag.endswith("}Tag")]
    return checked_tags(urlencode(tags))


def checked_tags(header: str) -> str:
    """A header x-amz-tagging. Raises ServiceError on too many tags, and on two of one key."""
    keys = [key for key, _ in parse_qsl(header, keep_blank_values=True)]
    if len(keys) > MOST_TAGS:
        raise ServiceError("BadRequest", f"Object tags cannot be greater than {MOST_TAGS}")
    if len(set(keys)) < len(keys) or "" in keys:
        raise ServiceError("InvalidTag", "Cannot provide multiple Tags with the same key, nor one without a key")
    return header


def tag_set(header: str) -> Mapping[str, object]:
    """The content of a Tagging document by the header's form."""
    tags = [{"Key": key, "Value": value} for key, value in parse_qsl(header, keep_blank_values=True)]
    return {"TagSet": {"Tag": tags} if tags else ""}
