"""All operations of Glue Data Quality that lakebox has, by name."""

from collections.abc import Mapping

from lakebox.endpoint.service import Operation
from lakebox.glue.data_catalog.documents import Documents
from lakebox.glue.data_quality.evaluation_runs import EvaluationRuns
from lakebox.glue.data_quality.results import Results
from lakebox.glue.data_quality.rulesets import Rulesets
from lakebox.glue.jobs.runs import Runs


def data_quality_operations(
    documents: Documents, runs: Runs, catalog: Mapping[str, Operation]
) -> Mapping[str, Operation]:
    """The operations on rulesets, evaluation runs and results.

    runs: what runs Spark; catalog: the operations of the Data Catalog, of which GetTable is used
    """
    rulesets, results = Rulesets(documents), Results(documents)
    evaluation_runs = EvaluationRuns(documents, runs, rulesets, results, catalog["GetTable"])
    return {**rulesets.operations(), **evaluation_runs.operations(), **results.operations()}
