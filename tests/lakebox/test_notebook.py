"""What notebooks import: a query's rows as a chart, and charts in the notebooks themselves."""

import json
from pathlib import Path

import pytest
from gold_lake import GoldLake

from lakebox.charts.recency import recency
from lakebox.notebook import show

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def lake(tmp_path: Path) -> GoldLake:
    lake = GoldLake(tmp_path / "lake")
    lake.snapshot("2025-06-18", [("ana", 3, 1, "2025-06-17 10:00:00"), ("bob", 1, 0, "2025-06-18 10:00:00")])
    lake.events("2025-06-18", "click", 2)
    return lake


def test_a_query_is_shown_as_a_chart(lake: GoldLake, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "SELECT days_since_last_event, count(*) FROM gold_user_features GROUP BY 1 ORDER BY 1"
    svg = show(recency, sql, lake.settings)._repr_svg_()
    assert svg.startswith("<svg ")
    assert 'data-tip="1 day ago: 1 user"' in svg
    assert "Athena price" in capsys.readouterr().out


def test_the_charts_of_the_notebook_are_drawn(lake: GoldLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEBOX_LAKE", str(lake.folder))
    monkeypatch.setenv("LAKEBOX_TARGET", "embedded")
    notebook = json.loads((NOTEBOOKS / "01_layers.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    imports = "\n".join(line for line in cells[0].splitlines() if line.startswith("from lakebox"))
    names: dict[str, object] = {}
    exec(imports + "\ngold = query('SELECT * FROM gold_user_features')", names)
    charts = [cell for cell in cells if "show(\n" in cell]
    for number, cell in enumerate(charts):
        exec(cell.replace("show(\n", f"chart{number} = show(\n"), names)
    drawn = [names[f"chart{number}"]._repr_svg_() for number in range(3)]  # type: ignore[attr-defined]
    said = ["18 Jun 2025: 2 × click", "ana: 3 clicks", "0 days ago: 1 user"]
    assert [text in svg for text, svg in zip(said, drawn, strict=True)] == [True] * 3
