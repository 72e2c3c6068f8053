"""pandas is not waited for where nobody needs it, and is there where somebody does."""

import subprocess
import sys

CODE = """
import sys
from lakebox.spark.without_pandas import look_without_pandas
look_without_pandas()
import pyarrow
pyarrow.array(["a"])
assert "pandas" not in sys.modules
assert pyarrow.table({"n": [1, None]}).to_pandas()["n"].isna().tolist() == [False, True]
import pandas
assert pyarrow.array(pandas.Series([1.5, None])).null_count == 1
look_without_pandas()
print("well")
"""


def test_pandas_waits_until_somebody_wants_a_dataframe() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("well\n", "")
