"""One lake for all tests of the site."""

import os
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession
from site_lake import SiteLake, site_lake


@pytest.fixture(scope="package")
def site(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteLake]:
    """The lake and its site; no variable of the machine changes which lake it is."""
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("LAKEBOX_")]:
            environment.delenv(name)
        yield site_lake(spark, tmp_path_factory.mktemp("site"))
