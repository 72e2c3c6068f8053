"""Crawlers as clients define them: Create, Get, GetCrawlers, List, BatchGet, Update, Delete, and their schedules."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.crawlers.classifiers import CLASSIFIER
from lakebox.glue.crawlers.configuration import policy_of
from lakebox.glue.crawlers.targets import place_of
from lakebox.glue.data_catalog.connections import forget_tags, keep_tags, with_tags
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.schedules.expressions import next_time

CRAWLER, CRAWL = "crawler", "crawl"
READY, RUNNING, STOPPING = "READY", "RUNNING", "STOPPING"
NOT_CRAWLED = ("JdbcTargets", "MongoDBTargets", "DynamoDBTargets", "DeltaTargets", "HudiTargets")
TARGETS = ("S3Targets", *NOT_CRAWLED, "CatalogTargets", "IcebergTargets")
OF_A_CRAWL = ("CrawlId", "CrawlStart")  # members that clients don't see
CHANGEABLE = ("Role", "DatabaseName", "Description", "Targets", "Classifiers", "TablePrefix", "SchemaChangePolicy",
              "RecrawlPolicy", "LineageConfiguration", "LakeFormationConfiguration", "Configuration",
              "CrawlerSecurityConfiguration")  # fmt: skip


class Definitions:
    """The crawlers that clients have defined. What a crawl changes of them (State, LastCrawl) is of `crawls`.

    on_change: called when a schedule may have changed
    """

    def __init__(self, documents: Documents, on_change: Callable[[], None] = lambda: None) -> None:
        self._documents, self._on_change = documents, on_change

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateCrawler": self.create,
            "GetCrawler": lambda request: {"Crawler": shown(self.get(request["Name"]))},
            "GetCrawlers": lambda request: page_of(list(map(shown, self._documents.all(CRAWLER))), request, "Crawlers"),
            "ListCrawlers": self.list,
            "BatchGetCrawlers": self.batch_get,
            "UpdateCrawler": self.update,
            "DeleteCrawler": self.delete,
            "UpdateCrawlerSchedule": self.update_schedule,
            "StartCrawlerSchedule": self.start_schedule,
            "StopCrawlerSchedule": self.stop_schedule,
        }

    def get(self, name: str) -> Document:
        """A crawler as it is kept. Raises ServiceError where there is none."""
        crawler = self._documents.get(CRAWLER, name)
        if crawler is None:
            raise ServiceError("EntityNotFoundException", f"Crawler {name} not found.")
        return crawler

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateCrawler: what is not given has Glue's defaults."""
        now = datetime.now(UTC)
        given = {name: request[name] for name in CHANGEABLE if name in request}
        schedule = _scheduled(request["Schedule"]) if request.get("Schedule") else {}
        own = {"Name": request["Name"], "State": READY, "CrawlElapsedTime": 0, "Version": 1}
        crawler = self._checked(given) | own | {"CreationTime": now, "LastUpdated": now} | schedule
        if not self._documents.add(CRAWLER, request["Name"], crawler):
            raise ServiceError("AlreadyExistsException", f"Crawler with name {request['Name']} already exists")
        keep_tags(self._documents, f"crawler/{request['Name']}", request.get("Tags", {}))
        self._on_change()
        return {}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListCrawlers: the names of those that have the given Tags."""
        names = [crawler["Name"] for crawler in self._documents.all(CRAWLER)]
        tagged = with_tags(self._documents, "crawler", names, request.get("Tags", {}))
        return page_of(tagged, request, "CrawlerNames")

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchGetCrawlers."""
        crawlers, missing = self._documents.get_each(CRAWLER, request["CrawlerNames"])
        return {"Crawlers": [shown(crawler) for crawler in crawlers], "CrawlersNotFound": missing}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateCrawler: replaces what is given. An empty Schedule takes the schedule away."""
        given = {name: request[name] for name in CHANGEABLE if name in request}

        def changed(before: Document) -> Document:
            _check_ready(before)
            after = self._checked({name: before[name] for name in CHANGEABLE if name in before} | given)
            incremental = (_recrawl(before), _recrawl(after)) == ("CRAWL_NEW_FOLDERS_ONLY",) * 2
            if incremental and _paths(before) != _paths(after):
                text = "S3 targets of a crawler with CRAWL_NEW_FOLDERS_ONLY can't be changed"
                raise ServiceError("InvalidInputException", f"{text}; set CRAWL_EVERYTHING first")
            own = {name: value for name, value in before.items() if name not in CHANGEABLE}
            if "Schedule" in request:
                own.pop("Schedule", None)
                own |= _scheduled(request["Schedule"]) if request["Schedule"] else {}
            return after | own | {"LastUpdated": datetime.now(UTC), "Version": before["Version"] + 1}

        self._change(request["Name"], changed)
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteCrawler, with its schedule and crawls; its tables stay."""
        _check_ready(self.get(request["Name"]))
        self._documents.delete(CRAWLER, request["Name"])
        forget_tags(self._documents, f"crawler/{request['Name']}")
        for crawl in self._documents.all(CRAWL):
            if crawl["CrawlerName"] == request["Name"]:
                self._documents.delete(CRAWL, crawl["CrawlId"])
        return {}

    def update_schedule(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateCrawlerSchedule."""
        schedule = _scheduled(request["Schedule"]) if request.get("Schedule") else {}
        self._change(request["CrawlerName"], lambda before: {**before, **schedule})
        return {}

    def start_schedule(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartCrawlerSchedule: a schedule that was stopped holds again."""
        return self._set_schedule(request["CrawlerName"], "SCHEDULED", "SchedulerRunningException", "running")

    def stop_schedule(self, request: dict[str, Any]) -> dict[str, Any]:
        """StopCrawlerSchedule: the schedule is kept, and starts nothing."""
        return self._set_schedule(
            request["CrawlerName"], "NOT_SCHEDULED", "SchedulerNotRunningException", "not running"
        )

    def _set_schedule(self, name: str, state: str, code: str, word: str) -> dict[str, Any]:
        def changed(before: Document) -> Document:
            if "Schedule" not in before:
                missing = "NoScheduleException" if state == "SCHEDULED" else "SchedulerNotRunningException"
                raise ServiceError(missing, f"Crawler {name} has no schedule")
            if before["Schedule"]["State"] == state:
                raise ServiceError(code, f"The schedule of crawler {name} is {word} already")
            return before | {"Schedule": before["Schedule"] | {"State": state}}

        self._change(name, changed)
        return {}

    def _change(self, name: str, changed: Any) -> None:
        if self._documents.change(CRAWLER, name, changed) is None:
            self.get(name)
        self._on_change()

    def _checked(self, given: Document) -> Document:
        """A definition with Glue's defaults. Raises ServiceError on what Glue refuses or lakebox does not crawl."""
        for kind in NOT_CRAWLED:
            if given["Targets"].get(kind):
                text = f"lakebox does not crawl {kind}: it reads S3Targets, IcebergTargets and CatalogTargets"
                raise ServiceError("InvalidInputException", text)
        targets = {kind: given["Targets"].get(kind, []) for kind in TARGETS}
        if targets["CatalogTargets"] and (targets["S3Targets"] or targets["IcebergTargets"]):
            raise ServiceError("InvalidInputException", "Catalog targets can't be mixed with other targets")
        for path in _paths({"Targets": targets}):
            place_of(path)
        for name in given.get("Classifiers", []):
            if self._documents.get(CLASSIFIER, name) is None:
                raise ServiceError("InvalidInputException", f"Classifier {name} does not exist; create it first")
        recrawl = given.get("RecrawlPolicy", {}).get("RecrawlBehavior", "CRAWL_EVERYTHING")
        only_logs = recrawl == "CRAWL_NEW_FOLDERS_ONLY"
        policy = {
            "UpdateBehavior": "LOG" if only_logs else "UPDATE_IN_DATABASE",
            "DeleteBehavior": "LOG" if only_logs or targets["CatalogTargets"] else "DEPRECATE_IN_DATABASE",
        }
        defaults = {
            "Classifiers": [],
            "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
            "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
        }
        s3_targets = [{"Exclusions": []} | target for target in targets["S3Targets"]]
        crawler = defaults | given | {"Targets": targets | {"S3Targets": s3_targets}}
        crawler["SchemaChangePolicy"] = policy | given.get("SchemaChangePolicy", {})
        crawler["RecrawlPolicy"] = {"RecrawlBehavior": recrawl}
        policy_of(crawler)
        return crawler


def shown(crawler: Document) -> Document:
    """A crawler as clients see it; of one that is at work, how long it has been (ms)."""
    kept = {name: value for name, value in crawler.items() if name not in OF_A_CRAWL}
    if crawler["State"] == READY:
        return kept
    elapsed = datetime.now(UTC) - crawler["CrawlStart"]
    return kept | {"CrawlElapsedTime": int(elapsed.total_seconds() * 1000)}


def _check_ready(crawler: Document) -> None:
    if crawler["State"] != READY:
        text = f"Crawler {crawler['Name']} is {crawler['State']}; stop it, or wait for its end"
        raise ServiceError("CrawlerRunningException", text)


def _scheduled(expression: str) -> Document:
    """A schedule that holds. Raises ServiceError where it can't be read."""
    if expression.startswith("rate("):
        raise ServiceError("InvalidInputException", f"{expression}: a crawler's schedule is a cron expression")
    next_time(expression, datetime.now(UTC))
    return {"Schedule": {"ScheduleExpression": expression, "State": "SCHEDULED"}}


def _recrawl(crawler: Document) -> str:
    return str(crawler["RecrawlPolicy"]["RecrawlBehavior"])


def _paths(crawler: Document) -> list[str]:
    targets = crawler["Targets"]
    iceberg = [path for target in targets.get("IcebergTargets", []) for path in target.get("Paths", [])]
    return [target.get("Path", "") for target in targets.get("S3Targets", [])] + iceberg
