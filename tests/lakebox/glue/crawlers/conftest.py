"""Sandboxes for crawlers: one a test, and one that a whole module shares."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from crawl_sandbox import CrawlSandbox, glue_client

from lakebox.api.serve import serving


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[CrawlSandbox]:
    """An empty sandbox of the test's own."""
    with serving(str(tmp_path), checked=True) as endpoint:
        yield CrawlSandbox(tmp_path, glue_client(endpoint), endpoint)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrawlSandbox]:
    """A sandbox for many small buckets."""
    root = tmp_path_factory.mktemp("buckets")
    with serving(str(root), checked=True) as endpoint:
        yield CrawlSandbox(root, glue_client(endpoint), endpoint)
