"""Crawls: StartCrawler, StopCrawler, ListCrawls, GetCrawlerMetrics. A crawl's record is what its thread did."""

import contextlib
import statistics
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobs.lake.errors import LakeboxError
from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.crawlers.classifiers import Classifiers
from lakebox.glue.crawlers.crawl import Crawl, Surroundings
from lakebox.glue.crawlers.definitions import CRAWL, CRAWLER, READY, RUNNING, STOPPING, Definitions
from lakebox.glue.crawlers.registration import Changes
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.jobs.owner import Owner

AT_ONCE = 4
MESSAGE_LENGTH = 2048
LOG_GROUP = "/aws-glue/crawlers"
LOST = "The endpoint ended during this crawl; start it again, and it mends what is half done"
ENDS = {"SUCCEEDED": "COMPLETED", "FAILED": "FAILED", "CANCELLED": "STOPPED"}  # LastCrawl's words, ListCrawls'
COUNTS = {"TablesCreated": "ADD", "TablesUpdated": "UPDATE", "TablesDeleted": "DELETE"}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "GT": lambda a, b: a > b, "GE": lambda a, b: a >= b, "LT": lambda a, b: a < b, "LE": lambda a, b: a <= b,
    "EQ": lambda a, b: a == b, "NE": lambda a, b: a != b,
}  # fmt: skip
HIDDEN = ("CrawlerName", "Owner", "Changes")  # members of a record that clients don't see
OnEnd = Callable[[str, str, str], None]


class _StoppedError(LakeboxError):
    """The crawl is to end: a client has stopped it, or the endpoint ends."""


class Crawls:
    """The crawls of this endpoint, one at a time a crawler; also a timetable, of what its crawlers' schedules start.

    on_end: called once a crawl's end is on record, with crawler, crawl id and SUCCEEDED, FAILED or CANCELLED; who comes
    later asks for the `state`
    """

    kind = "crawler"

    def __init__(self, documents: Documents, around: Surroundings, owners: Path) -> None:
        self._documents, self._around = documents, around
        self.on_end: OnEnd = lambda *_: None
        self.on_trouble: Callable[[Exception], None] = lambda _error: None  # a crawl's end can't be put on record
        self.on_change: Callable[[], None] = lambda: None  # a schedule may have changed
        self._definitions, self._classifiers = Definitions(documents, lambda: self.on_change()), Classifiers(documents)
        self._owner = Owner(owners)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="crawler")
        self._closing = threading.Event()
        self._end_lost_crawls()

    def operations(self) -> Mapping[str, Operation]:
        """The operations on crawlers, classifiers and crawls."""
        return {
            **self._definitions.operations(),
            **self._classifiers.operations(),
            "StartCrawler": self._start,
            "StopCrawler": lambda request: self.stop(request["Name"]),
            "GetCrawlerMetrics": self.metrics,
            "ListCrawls": self.list_crawls,
        }

    def start(self, name: str) -> str:
        """Start a crawl of a crawler; its id. Raises ServiceError where there is no such crawler, or it is at work."""
        crawl_id, now = str(uuid.uuid4()), datetime.now(UTC)

        def started(before: Document) -> Document:
            if before["State"] != READY:
                raise ServiceError("CrawlerRunningException", f"Crawler with name {name} has already started")
            return before | {"State": RUNNING, "CrawlId": crawl_id, "CrawlStart": now}

        place = {"LogGroup": LOG_GROUP, "LogStream": name, "MessagePrefix": crawl_id}
        record = {"CrawlId": crawl_id, "State": "RUNNING", "StartTime": now, "DPUHour": 0.0}
        record |= {"CrawlerName": name, "Owner": self._owner.name}
        self._definitions.get(name)
        self._documents.add(CRAWL, crawl_id, record | place)
        try:
            crawler = self._documents.change(CRAWLER, name, started) or self._definitions.get(name)
        except ServiceError:
            self._documents.delete(CRAWL, crawl_id)
            raise
        self._pool.submit(self._crawl, crawler, crawl_id)
        return crawl_id

    def stop(self, name: str) -> dict[str, Any]:
        """StopCrawler: the crawl ends before its next step; what it has registered stays. Raises ServiceError."""

        def stopping(before: Document) -> Document:
            if before["State"] == READY:
                raise ServiceError("CrawlerNotRunningException", f"Crawler with name {name} isn't running")
            if before["State"] == STOPPING:
                raise ServiceError("CrawlerStoppingException", f"Crawler with name {name} is stopping")
            return before | {"State": STOPPING}

        if self._documents.change(CRAWLER, name, stopping) is None:
            self._definitions.get(name)
        return {}

    def state(self, crawl_id: str) -> str | None:
        """SUCCEEDED, FAILED or CANCELLED; None while the crawl is at work. A crawl that nobody knows has failed."""
        record = self._documents.get(CRAWL, crawl_id) or {"State": "FAILED"}
        return next((word for word, state in ENDS.items() if state == record["State"]), None)

    def schedules(self) -> Mapping[str, str]:
        """The expressions of the crawlers whose schedule is active, by name."""
        active = [one for one in self._documents.all(CRAWLER) if one.get("Schedule", {}).get("State") == "SCHEDULED"]
        return {one["Name"]: one["Schedule"]["ScheduleExpression"] for one in active}

    def fire(self, name: str) -> None:
        """Start a crawl that is due; one that is at work goes on, as on Glue."""
        with contextlib.suppress(ServiceError):
            self.start(name)

    def metrics(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetCrawlerMetrics: times of all crawls, and what the last one has changed."""
        names = request.get("CrawlerNameList") or [crawler["Name"] for crawler in self._documents.all(CRAWLER)]
        crawls = self._documents.all(CRAWL)
        listed = [self._metrics(name, [one for one in crawls if one["CrawlerName"] == name]) for name in names]
        return page_of(listed, request, "CrawlerMetricsList")

    def list_crawls(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListCrawls: the newest first, those that all Filters let through."""
        name = request["CrawlerName"]
        if self._documents.get(CRAWLER, name) is None:
            raise ServiceError("EntityNotFoundException", f"Crawler entry with name {name} does not exist")
        crawls = [one for one in self._documents.all(CRAWL) if one["CrawlerName"] == name]
        filters = [_filter(wanted) for wanted in request.get("Filters", [])]
        kept = [one for one in reversed(crawls) if all(passes(one) for passes in filters)]
        page = page_of(kept, request, "Crawls", most=20)
        listed = [{name: value for name, value in one.items() if name not in HIDDEN} for one in page["Crawls"]]
        return page | {"Crawls": listed}

    def close(self) -> None:
        """End all crawls; those at work have failed."""
        self._closing.set()
        self._pool.shutdown(wait=True)
        self._owner.close()

    def _start(self, request: dict[str, Any]) -> dict[str, Any]:
        self.start(request["Name"])
        return {}

    def _crawl(self, crawler: Document, crawl_id: str) -> None:
        status, message, changes = "SUCCEEDED", "", Changes()
        try:
            classifiers = self._classifiers.named(crawler["Classifiers"])
            work = Crawl(crawler, crawl_id, classifiers, self._around)
            changes = work.changes
            work.run(lambda: self._check(crawler))
            message = "; ".join(sorted(set(changes.notes)))
        except _StoppedError:
            status, message = ("FAILED", LOST) if self._closing.is_set() else ("CANCELLED", "")
        except LakeboxError as error:
            status, message = "FAILED", str(error)
        except Exception as error:  # a crawl that dies of a fault of ours is on record, too
            status, message = "FAILED", f"lakebox could not crawl: {error!r}; please report it"
        try:
            self._put_on_record(crawl_id, status, message, changes)
            self.on_end(crawler["Name"], crawl_id, self._release(crawler["Name"], crawl_id))
        except Exception as error:
            self.on_trouble(error)
            raise

    def _check(self, crawler: Document) -> None:
        """Raise where the crawl is to stop."""
        now = self._documents.get(CRAWLER, crawler["Name"])
        if self._closing.is_set() or now is None or now["State"] == STOPPING:
            raise _StoppedError("stopped")

    def _put_on_record(self, crawl_id: str, status: str, message: str, changes: Changes) -> None:
        said = {"ErrorMessage": message[:MESSAGE_LENGTH]} if message else {}
        counts = {label: len(changes.tables[kind]) for label, kind in COUNTS.items()}
        end = {"State": ENDS[status], "EndTime": datetime.now(UTC), "Summary": changes.summary(), "Changes": counts}
        self._documents.change(CRAWL, crawl_id, lambda before: before | end | said)

    def _release(self, name: str, crawl_id: str) -> str:
        """Make the crawler of a crawl ready, whose end is on record; how it ended."""
        record: Document = self._documents.get(CRAWL, crawl_id) or {}
        status = next(word for word, state in ENDS.items() if state == record["State"])
        self._documents.change(CRAWLER, name, lambda before: _ready(before, record, status))
        return status

    def _end_lost_crawls(self) -> None:
        """End crawls whose process is gone."""
        crawling = {one["Name"]: one.get("CrawlId") for one in self._documents.all(CRAWLER)}
        for crawl in self._documents.all(CRAWL):
            if crawl["CrawlId"] != crawling.get(crawl["CrawlerName"]) or self._owner.lives(crawl["Owner"]):
                continue
            if crawl["State"] == "RUNNING":
                self._put_on_record(crawl["CrawlId"], "FAILED", LOST, Changes())
            self._release(crawl["CrawlerName"], crawl["CrawlId"])

    def _metrics(self, name: str, crawls: list[Document]) -> Document:
        ended = [one for one in crawls if "EndTime" in one]
        seconds = [(one["EndTime"] - one["StartTime"]).total_seconds() for one in ended]
        counts = ended[-1]["Changes"] if ended else dict.fromkeys(COUNTS, 0)
        times = {"LastRuntimeSeconds": seconds[-1] if seconds else 0.0}
        times["MedianRuntimeSeconds"] = statistics.median(seconds) if seconds else 0.0
        return {"CrawlerName": name, "TimeLeftSeconds": 0.0, "StillEstimating": False} | times | counts


def _ready(crawler: Document, crawl: Document, status: str) -> Document:
    """A crawler whose crawl has ended; one that has begun another since stays as it is."""
    if crawler.get("CrawlId") != crawl["CrawlId"]:
        return crawler
    kept = {name: value for name, value in crawler.items() if name not in ("CrawlId", "CrawlStart")}
    shown = ("ErrorMessage", "LogGroup", "LogStream", "MessagePrefix", "StartTime")
    last = {name: crawl[name] for name in shown if name in crawl}
    return kept | {"State": READY, "LastCrawl": last | {"Status": status}}


def _filter(wanted: Document) -> Callable[[Document], bool]:
    """A filter of ListCrawls: whether a crawl passes. Raises ServiceError on a wrong one.

    Times are in milliseconds since 1970, as Glue has them, or in ISO 8601.
    """
    name, operator, given = (wanted.get(part, "") for part in ("FieldName", "FilterOperator", "FieldValue"))
    if name in ("STATE", "CRAWL_ID") and operator not in ("EQ", "NE"):
        raise ServiceError("InvalidInputException", f"Only EQ or NE operator is allowed for field : {name}")
    try:
        field, read = FIELDS[name]
        compare, value = OPERATORS[operator], read(given)
    except (KeyError, ValueError):
        raise ServiceError("InvalidInputException", f"ListCrawls can't filter by {wanted}") from None
    return lambda crawl: field in crawl and compare(crawl[field], value)


def _time(text: str) -> datetime:
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text) / 1000, UTC)
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "CRAWL_ID": ("CrawlId", str),
    "STATE": ("State", str),
    "DPU_HOUR": ("DPUHour", float),
    "START_TIME": ("StartTime", _time),
    "END_TIME": ("EndTime", _time),
}
