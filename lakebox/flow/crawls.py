"""`lakebox crawl`: starts crawlers by Glue's API, waits for them, and says what each has changed in the catalog."""

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from catalog.tables import DATABASE
from lakebox.flow.errors import FlowError

OWNER = "UPDATED_BY_CRAWLER"  # the parameter of a table that names the crawler which registered it
DONE = {"ADD": "added", "UPDATE": "updated", "DELETE": "deleted"}


def crawl(glue: Any, wanted: Sequence[str], poll_s: float) -> Iterator[str]:
    """A line a crawler, when it has ended: those that are called so or fill the table of that name; all for none.

    Raises FlowError where there is no such crawler, or one fails.
    """
    try:
        known = _all_crawlers(glue)
        names = [_crawler_of(glue, name, known) for name in wanted] or known
        for crawler in names:
            glue.start_crawler(Name=crawler)
        for crawler in names:
            while glue.get_crawler(Name=crawler)["Crawler"]["State"] != "READY":
                time.sleep(poll_s)
            yield _said(glue.list_crawls(CrawlerName=crawler, MaxResults=1)["Crawls"][0], crawler)
    except (ClientError, BotoCoreError) as error:
        raise FlowError(f"the crawl can't be carried out: {error}") from None


def _all_crawlers(glue: Any) -> list[str]:
    pages = glue.get_paginator("get_crawlers").paginate()
    return [crawler["Name"] for page in pages for crawler in page["Crawlers"]]


def _crawler_of(glue: Any, name: str, known: Sequence[str]) -> str:
    if name in known:
        return name
    try:
        table = glue.get_table(DatabaseName=DATABASE, Name=name)["Table"]
    except (glue.exceptions.EntityNotFoundException, glue.exceptions.InvalidInputException):
        raise FlowError(f"no crawler {name}, nor a table of that name; crawlers: {', '.join(known)}") from None
    crawler = table.get("Parameters", {}).get(OWNER)
    if crawler not in known:
        raise FlowError(f"no crawler fills the table {name}; crawlers: {', '.join(known)}")
    return str(crawler)


def _said(crawl: dict[str, Any], crawler: str) -> str:
    """What a crawl did, in one line, and a line for each thing that is odd."""
    notes = "".join(f"\n  {note}" for note in crawl.get("ErrorMessage", "").split("; ") if note)
    if crawl["State"] != "COMPLETED":
        raise FlowError(f"crawler {crawler} {crawl['State'].lower()}:{notes or ' somebody stopped it'}")
    summary = json.loads(crawl["Summary"])
    tables = [f"table {name} {DONE[kind]}" for kind, said in summary.get("TABLE", {}).items() for name in said["Names"]]
    partitions = [f"{said['Count']} {DONE[kind]}" for kind, said in summary.get("PARTITION", {}).items()]
    changes = [*tables, *([f"partitions: {', '.join(partitions)}"] if partitions else [])]
    return f"{crawler}: {'; '.join(changes) or 'nothing has changed'}{notes}"
