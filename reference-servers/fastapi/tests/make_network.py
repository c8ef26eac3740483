"""Writes network.onnx, for CONTRACT.md's kernel `inference`, with its weights: `python -m tests.make_network`.

An ONNX file is one message of Protocol Buffers (onnx.proto), written here field by field, so that it needs no library.
"""

import struct
from pathlib import Path

from numeric import HIDDEN, INPUTS, OUTPUTS, scramble

FILE = Path(__file__).parent.with_name("network.onnx")

# What runtimes of the last years read: the version of the format and of the operators.
IR_VERSION, OPSET = 8, 13
# TensorProto.DataType, and AttributeProto.AttributeType of whole numbers.
FLOAT, INT32, ATTRIBUTE_INT = 1, 6, 2


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def field(number: int, value: int | str | bytes) -> bytes:
    """A field of a message: a whole number, or what has a length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def node(operator: str, inputs: list[str], output: str, **attributes: int) -> bytes:
    content = b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, operator)
    for name, value in attributes.items():
        content += field(5, field(1, name) + field(3, value) + field(20, ATTRIBUTE_INT))
    return field(1, content)


def weights(name: str, start: int, rows: int, columns: int) -> bytes:
    numbers = [scramble(start + i) % 7 - 3 for i in range(rows * columns)]
    raw = struct.pack(f"<{len(numbers)}f", *numbers)
    return field(5, field(1, rows) + field(1, columns) + field(2, FLOAT) + field(8, name) + field(9, raw))


def value(name: str, kind: int, *dimensions: int | str) -> bytes:
    """A name with its type: a dimension is a number, or the name of one that may be any."""
    shape = b"".join(field(1, field(2 if isinstance(one, str) else 1, one)) for one in dimensions)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def network() -> bytes:
    graph = b"".join(
        [
            node("MatMul", ["inputs", "first"], "sums"),
            node("Relu", ["sums"], "hidden"),
            node("MatMul", ["hidden", "second"], "scores"),
            node("ArgMax", ["scores"], "places", axis=1, keepdims=0, select_last_index=0),
            node("Cast", ["places"], "classes", to=INT32),
            field(2, "network"),
            weights("first", 0, INPUTS, HIDDEN),
            weights("second", 10_000, HIDDEN, OUTPUTS),
            field(11, value("inputs", FLOAT, "n", INPUTS)),
            field(12, value("classes", INT32, "n")),
        ]
    )
    return field(1, IR_VERSION) + field(2, "claimbench") + field(7, graph) + field(8, field(1, "") + field(2, OPSET))


if __name__ == "__main__":
    FILE.write_bytes(network())
