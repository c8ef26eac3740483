"""The numeric kernels: NumPy's results are those of plain Python. Copied like the files that it tests."""

import pytest

from numeric import NUMERIC_KERNELS
from numeric_numpy import NUMPY_KERNELS

CASES = [(name, n) for name in NUMERIC_KERNELS for n in (1, 100, 117)]
# Seven rows of one group and more need more rows than that.
CASES += [("group-by", 5_000), ("window", 699), ("window", 5_000)]


@pytest.mark.parametrize(("name", "n"), CASES)
def test_numpy_gives_what_plain_python_gives(name, n):
    n = max(n, NUMERIC_KERNELS[name].low)
    assert NUMPY_KERNELS[name].run(n) == NUMERIC_KERNELS[name].run(n)


@pytest.mark.parametrize("name", NUMPY_KERNELS)
def test_numpy_takes_the_greatest_n(name):
    kernel = NUMPY_KERNELS[name]
    assert 0 < kernel.run(kernel.high) < 2**53
