"""The diagram follows the template's triggers."""

from lakebox.site.definitions import read_definitions
from lakebox.site.diagram import Box, Stage, crawlers_after, job_order, tall, wide


def test_jobs_come_in_the_order_of_the_triggers() -> None:
    definitions = read_definitions("my-lake")
    names = [job.name for job in job_order(definitions)]
    assert names == ["bronze-etl-incremental", "silver_etl_cdc", "dq_checks_silver_layer", "gold_etl_features"]
    assert crawlers_after(definitions, "silver_etl_cdc") == ["crawler_silver_user_events"]
    assert definitions.crawlers[0].paths == ("s3://my-lake/bronze/user_events_parquet/",)
    assert (definitions.jobs[0].workers, definitions.jobs[0].dpu) == ("2 × G.1X", 2.0)


def test_boxes_never_overlap() -> None:
    crawler, table = Box("c", "crawler", "c", "", "#c"), Box("t", "table", "t", "", "#t")
    stages = [Stage(Box(name, "job", name, "", f"#{name}"), ((crawler, table), (crawler,))) for name in "abc"]
    for diagram in (wide(stages), tall(stages)):
        corners = [(each.x, each.y) for each in diagram.placed]
        near = [(a, b) for a in corners for b in corners if a != b and abs(a[0] - b[0]) < 214 and abs(a[1] - b[1]) < 50]
        assert (len(corners), near, len(diagram.arrows)) == (12, [], 11)
