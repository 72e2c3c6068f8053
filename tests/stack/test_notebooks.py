"""The notebooks run top to bottom in JupyterLab's container, on a lake with the sample data's two days."""

import json
from collections.abc import Iterator

import pytest
from stack.running_stack import REPOSITORY, Stack

pytestmark = [pytest.mark.stack, pytest.mark.notebook, pytest.mark.timeout(1800)]

NOTEBOOKS = sorted(path.name for path in (REPOSITORY / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def two_days(stack: Stack) -> Iterator[Stack]:
    stack.start_over()
    for day in ("2025-06-17", "2025-06-18"):  # the second time only Gold has work
        stack.lakebox("run", "--training_date", day)
    yield stack
    stack.start_over()


@pytest.mark.parametrize(("name", "plots"), [("01_layers.ipynb", 4), ("02_changes.ipynb", 0), ("03_model.ipynb", 1)])
def test_a_notebook_runs_top_to_bottom(two_days: Stack, name: str, plots: int) -> None:
    execute = ("jupyter", "execute", "--kernel_name=python3", "--timeout=300", "--output=/tmp/executed.ipynb")
    in_jupyter = ("exec", "--no-TTY", "jupyter")
    done = two_days.compose(*in_jupyter, *execute, f"/home/lakebox/notebooks/{name}", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    executed = two_days.compose(*in_jupyter, "cat", "/tmp/executed.ipynb").stdout
    cells = [cell for cell in json.loads(executed)["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    shown = [output.get("data", {}) for cell in cells for output in cell["outputs"]]
    assert len([data for data in shown if "image/png" in data or "image/svg+xml" in data]) == plots
    if name.startswith("02_"):
        shown = "".join(str(cell["outputs"]) for cell in cells)
        assert "purchase_count" in shown  # what Gold says, beside Silver and Bronze


def test_notebooks_of_ones_own_can_be_kept(stack: Stack) -> None:
    stack.compose(
        "exec", "--no-TTY", "jupyter", "bash", "-c", "cd ~ && echo {} > work/mine.ipynb && rm work/mine.ipynb"
    )


def test_there_are_numbered_notebooks_without_outputs() -> None:
    assert [name[:3] for name in NOTEBOOKS] == ["01_", "02_", "03_"]
    for name in NOTEBOOKS:
        notebook = json.loads((REPOSITORY / "notebooks" / name).read_text(encoding="utf-8"))
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert len(cells) > 5
        assert [(cell["outputs"], cell["execution_count"]) for cell in cells] == [([], None)] * len(cells), name
