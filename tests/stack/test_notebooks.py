"""The notebooks run top to bottom in JupyterLab's container, on a lake with the sample data's two days."""

from collections.abc import Iterator

import pytest
from stack.running_stack import REPOSITORY, Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.notebook, pytest.mark.timeout(1800)]

NOTEBOOKS = sorted(path.name for path in (REPOSITORY / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def two_days(stack: Stack) -> Iterator[Stack]:
    stack.start_over()
    stack.lakebox("run", "--raw", "sample_data/2025-06-17", "--training_date", "2025-06-17")
    stack.lakebox("run", "--training_date", "2025-06-18")
    yield stack
    stack.start_over()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_top_to_bottom(two_days: Stack, name: str) -> None:
    execute = ("jupyter", "execute", "--kernel_name=python3", "--timeout=300", f"/home/lakebox/notebooks/{name}")
    done = two_days.compose("exec", "--no-TTY", "jupyter", *execute, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_notebooks_of_ones_own_can_be_kept(stack: Stack) -> None:
    stack.compose(
        "exec", "--no-TTY", "jupyter", "bash", "-c", "cd ~ && echo {} > work/mine.ipynb && rm work/mine.ipynb"
    )


def test_there_are_numbered_notebooks_without_outputs() -> None:
    assert [name[:3] for name in NOTEBOOKS] == ["01_", "02_", "03_"]
    for name in NOTEBOOKS:
        assert '"outputs": [{' not in (REPOSITORY / "notebooks" / name).read_text(encoding="utf-8").replace("\n", "")
