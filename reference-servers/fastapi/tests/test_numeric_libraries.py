"""The numeric kernels by ONNX Runtime and Polars: their results are those of plain Python."""

import make_network
import onnxruntime
import pytest

from numeric import NUMERIC_KERNELS
from numeric_numpy import NUMPY_KERNELS
from numeric_onnx import ONNX_KERNELS
from numeric_polars import POLARS_KERNELS

BY_LIBRARIES = [
    ("inference", ONNX_KERNELS["inference"]),
    ("group-by", POLARS_KERNELS["group-by"]),
    ("window", POLARS_KERNELS["window"]),
]


@pytest.mark.parametrize(("name", "kernel"), BY_LIBRARIES)
def test_a_library_gives_what_plain_python_gives(name, kernel):
    assert kernel.run is not NUMERIC_KERNELS[name].run
    for n in (1, 6, 7, 700, 1_000):
        assert kernel.run(n) == NUMERIC_KERNELS[name].run(n), n


@pytest.mark.parametrize(("name", "kernel"), BY_LIBRARIES)
def test_a_library_takes_the_greatest_n(name, kernel):
    assert kernel.run(kernel.high) == NUMPY_KERNELS[name].run(kernel.high)


def test_the_network_is_what_its_script_writes():
    assert make_network.FILE.read_bytes() == make_network.network()


def test_the_network_takes_any_number_of_inputs():
    session = onnxruntime.InferenceSession(make_network.FILE, providers=["CPUExecutionProvider"])
    assert [session.get_inputs()[0].shape, session.get_outputs()[0].shape] == [["n", 64], ["n"]]
