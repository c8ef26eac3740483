"""The numeric kernel `inference` by ONNX Runtime, from network.onnx; the other kernels are those of numeric.py."""

from pathlib import Path

import numpy as np
import onnxruntime

from numeric import INPUTS, NUMERIC_KERNELS
from numeric_numpy import scramble

options = onnxruntime.SessionOptions()
# One thread a process: more of them is what processes of the server are for.
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(
    Path(__file__).with_name("network.onnx"), options, providers=["CPUExecutionProvider"]
)


def inference(n: int) -> int:
    inputs = (scramble(20_000, n * INPUTS) % 16).astype(np.float32).reshape(n, INPUTS)
    [classes] = session.run(["classes"], {"inputs": inputs})
    return int(classes.sum())


ONNX_KERNELS = NUMERIC_KERNELS | {"inference": NUMERIC_KERNELS["inference"]._replace(run=inference)}
