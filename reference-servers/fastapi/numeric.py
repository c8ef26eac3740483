"""The numeric kernels of CONTRACT.md in plain Python, line by line the twin of numeric.js.

All results are whole numbers below 2**53, so that every way of adding them up gives the same.
"""

from array import array
from functools import lru_cache

from kernels import Kernel

WORD = 0xFFFFFFFF
# The least loss among the worst hundredth is the value at risk.
WORST_SHARE = 0.99
GROUPS = 100
INPUTS, HIDDEN, OUTPUTS = 64, 32, 10
ROWS_MAX = 1_000_000
LEAST_VALUE = 500
WINDOW = 7
# Tables of other lengths make room for each other.
TABLES_KEPT = 4


def scramble(i: int) -> int:
    """A pseudo-random word for a number: the last step of MurmurHash3."""
    x = (i + 0x9E3779B9) & WORD
    x ^= x >> 16
    x = (x * 0x85EBCA6B) & WORD
    x ^= x >> 13
    x = (x * 0xC2B2AE35) & WORD
    return x ^ (x >> 16)


def matrix(n: int) -> int:
    """The sum of all elements of the product of two n by n matrices."""
    left = [[float(scramble(row * n + column) % 10) for column in range(n)] for row in range(n)]
    right = [[float(scramble(n * n + row * n + column) % 10) for column in range(n)] for row in range(n)]
    total = 0.0
    for row in range(n):
        for column in range(n):
            element = 0.0
            for k in range(n):
                element += left[row][k] * right[k][column]
            total += element
    return int(total)


def risk(n: int) -> int:
    """The value at risk of n simulated days, each the loss of three positions."""
    losses = []
    for day in range(n):
        loss = 0
        for position in range(3):
            loss += scramble(3 * day + position) % 1_000_000
        losses.append(loss)
    losses.sort()
    return losses[int(WORST_SHARE * n)]


def aggregate(n: int) -> int:
    """The sums of n values by group, each weighted with its group's place."""
    sums = [0.0] * GROUPS
    for row in range(n):
        sums[scramble(row) % GROUPS] += scramble(n + row) % 1_000
    total = 0.0
    for group in range(GROUPS):
        total += (group + 1) * sums[group]
    return int(total)


@lru_cache(TABLES_KEPT)
def kept_rows(n: int) -> tuple[array, array]:
    """The groups and values of n rows: kept, as a service keeps the data that it is asked about."""
    groups = array("B", (scramble(row) % GROUPS for row in range(n)))
    values = array("I", (scramble(ROWS_MAX + row) % 1_000 for row in range(n)))
    return groups, values


def group_by(n: int) -> int:
    """The counts and sums by group of the high values of n rows, each weighted with its group's place."""
    groups, values = kept_rows(n)
    counts = [0] * GROUPS
    sums = [0] * GROUPS
    for row in range(n):
        if values[row] >= LEAST_VALUE:
            counts[groups[row]] += 1
            sums[groups[row]] += values[row]
    total = 0
    for group in range(GROUPS):
        total += (group + 1) * (counts[group] + sums[group])
    return total


def window(n: int) -> int:
    """The greatest sum of seven values in a row of each group of n rows, weighted with its group's place."""
    groups, values = kept_rows(n)
    latest = [0] * (GROUPS * WINDOW)
    seen = [0] * GROUPS
    sums = [0] * GROUPS
    greatest = [0] * GROUPS
    for row in range(n):
        group, value = groups[row], values[row]
        place = group * WINDOW + seen[group] % WINDOW
        sums[group] += value - latest[place]
        latest[place] = value
        seen[group] += 1
        if seen[group] >= WINDOW and sums[group] > greatest[group]:
            greatest[group] = sums[group]
    total = 0
    for group in range(GROUPS):
        total += (group + 1) * greatest[group]
    return total


def inference(n: int) -> int:
    """The sum of the classes that a network of two layers gives to n inputs."""
    first = [[float(scramble(i * HIDDEN + j) % 7 - 3) for j in range(HIDDEN)] for i in range(INPUTS)]
    second = [[float(scramble(10_000 + i * OUTPUTS + j) % 7 - 3) for j in range(OUTPUTS)] for i in range(HIDDEN)]
    total = 0
    for number in range(n):
        hidden = [0.0] * HIDDEN
        for i in range(INPUTS):
            value = float(scramble(20_000 + number * INPUTS + i) % 16)
            for j in range(HIDDEN):
                hidden[j] += value * first[i][j]
        best, best_score = 0, float("-inf")
        for j in range(OUTPUTS):
            score = 0.0
            for i in range(HIDDEN):
                if hidden[i] > 0.0:
                    score += hidden[i] * second[i][j]
            if score > best_score:
                best, best_score = j, score
        total += best
    return total


NUMERIC_KERNELS = {
    "matrix": Kernel(matrix, 1, 400),
    "risk": Kernel(risk, 100, 1_000_000),
    "aggregate": Kernel(aggregate, 1, 1_000_000),
    "group-by": Kernel(group_by, 1, ROWS_MAX),
    "window": Kernel(window, 1, ROWS_MAX),
    "inference": Kernel(inference, 1, 10_000),
}
