"""What workflows need of crawlers."""

from typing import Protocol

from lakebox.endpoint.service import ServiceError


class Crawlers(Protocol):
    """Starts crawls. Each crawl's end is told once to `Workflows.crawl_ended`, by a caller that holds no lock."""

    def start(self, name: str) -> str:
        """Start a crawl; its id. Raises ServiceError where there is no such crawler, or it is at work."""

    def stop(self, name: str) -> None:
        """Stop a crawler that is at work. Raises ServiceError where it isn't."""

    def state(self, name: str, crawl_id: str) -> str | None:
        """SUCCEEDED, FAILED or CANCELLED; None while the crawl is at work."""


class NoCrawlers:
    """An endpoint without crawlers: what would start one says so."""

    def start(self, name: str) -> str:
        """Raises ServiceError."""
        raise ServiceError("EntityNotFoundException", f"Crawler {name} can't start: this endpoint has no crawlers")

    def stop(self, name: str) -> None:
        """Raises ServiceError."""
        raise ServiceError("CrawlerNotRunningException", f"Crawler {name} is not running")

    def state(self, name: str, crawl_id: str) -> str | None:  # noqa: ARG002
        """A crawl that nobody knows has failed."""
        return "FAILED"
