"""Writes the site of a lake into a folder: a page a template, and the static files beside them."""

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lakebox.settings import Settings
from lakebox.site.cells import FILTERS, without_local_paths
from lakebox.site.pages import dashboard, pipeline, quality, queries, runs, storage, tables, walkthrough
from lakebox.site.source import Page, Source, now
from lakebox.targets import open_clients, open_engine

AT_ONCE = 4  # pages that are made; their queries wait for files more than for Python
SERVICES = ("glue", "s3")
HERE = Path(__file__).parent
FIRST_LINES = (
    "lakebox runs AWS's lakehouse on one machine. In this lake, "
    "Glue jobs turn raw JSON events into features for models, layer by layer."
)
PAGES: tuple[Page, ...] = (
    Page("index", "Pipeline", FIRST_LINES, pipeline.content),
    Page("walkthrough", "Walkthrough", "Four events of this lake, from the raw file to features.", walkthrough.content),
    Page("dashboard", "Dashboard", "Gold's users, and Silver's events day by day.", dashboard.content),
    Page("data", "Data", "Every table of the catalog: its columns, partitions and newest rows.", tables.content),
    Page("queries", "Queries", "The questions that the lakehouse ships with, answered by this lake.", queries.content),
    Page(
        "quality",
        "Quality",
        "What the quality gate checked, what it found, and what never became an event.",
        quality.content,
    ),
    Page(
        "runs",
        "Runs",
        "Each run as a timeline of its jobs and crawlers, with what they would cost on Glue.",
        runs.content,
    ),
    Page("storage", "Storage", "The objects of the lake's bucket, folder by folder.", storage.content),
)


def build_site(settings: Settings, out: Path, pages: Sequence[Page] = PAGES) -> Path:
    """Write the site of the settings' lake into a folder, and return its first page.

    Pages that are there are replaced; other files in the folder are left alone. Raises StorageError without a lake.
    """
    engine = open_engine(settings)
    with open_clients(settings) as clients:
        source = Source(settings, engine, clients, now())
        for service in SERVICES:  # boto3 makes them in one thread at a time
            clients(service)
        environment = site_environment(settings)

        def rendered(page: Page) -> str:
            return environment.get_template(f"{page.name}.html").render(
                page=page, pages=pages, lake=source.name, made_at=source.made_at, **page.content(source)
            )

        with ThreadPoolExecutor(AT_ONCE) as pool:
            texts = list(pool.map(rendered, pages))
    out.mkdir(parents=True, exist_ok=True)
    for page, text in zip(pages, texts, strict=True):
        (out / f"{page.name}.html").write_text(text, encoding="utf-8")
    for file in sorted((HERE / "static").iterdir()):
        shutil.copyfile(file, out / file.name)
    return out / f"{pages[0].name}.html"


def site_folder(settings: Settings) -> Path:
    """Where a site goes that no folder is named for: into the lake's own state, so that no two lakes share one."""
    return Path(settings.folder, ".lakebox", "site") if settings.folder else Path("lakebox-site")


def site_environment(settings: Settings) -> Environment:
    """The templates; values are escaped, and lose the paths of this machine."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=without_local_paths(settings.folder),
    )
    environment.filters.update(FILTERS)
    return environment
