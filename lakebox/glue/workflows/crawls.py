"""What workflows need of crawlers."""

from typing import Protocol


class Crawlers(Protocol):
    """Starts crawls. Each crawl's end is told once to `Workflows.crawl_ended`, by a caller that holds no lock."""

    def start(self, name: str) -> str:
        """Start a crawl; its id. Raises ServiceError where there is no such crawler, or it is at work."""

    def stop(self, name: str) -> object:
        """Stop a crawler that is at work. Raises ServiceError where it isn't."""

    def state(self, crawl_id: str) -> str | None:
        """SUCCEEDED, FAILED or CANCELLED; None while the crawl is at work."""
