"""The CPU kernels of CONTRACT.md in plain Python, line by line the twin of kernels.js.

No library and no trick of one language: what is compared is the language.
"""

from collections.abc import Callable
from typing import NamedTuple


def sieve(n: int) -> int:
    """The number of primes below n."""
    composite = bytearray(n)
    primes = 0
    for i in range(2, n):
        if composite[i] == 0:
            primes += 1
            multiple = i * i
            while multiple < n:
                composite[multiple] = 1
                multiple += i
    return primes


def mandelbrot(n: int) -> int:
    """All iterations on an n by n grid over [-2, 0.5) x [-1.25, 1.25), at most 50 a point."""
    total = 0
    for row in range(n):
        imaginary = -1.25 + 2.5 * row / n
        for column in range(n):
            real = -2.0 + 2.5 * column / n
            x = 0.0
            y = 0.0
            iteration = 0
            while iteration < 50:
                xx = x * x
                yy = y * y
                if xx + yy > 4.0:
                    break
                y = 2.0 * x * y + imaginary
                x = xx - yy + real
                iteration += 1
            total += iteration
    return total


def edit_distance(n: int) -> int:
    """The Levenshtein distance of two pseudo-random strings of n symbols out of four."""
    state = 42
    first = []
    for _ in range(n):
        state = state * 16807 % 2147483647
        first.append(state % 4)
    second = []
    for _ in range(n):
        state = state * 16807 % 2147483647
        second.append(state % 4)

    previous = []
    for column in range(n + 1):
        previous.append(column)
    current = [0] * (n + 1)
    for row in range(1, n + 1):
        current[0] = row
        symbol = first[row - 1]
        for column in range(1, n + 1):
            best = previous[column - 1]
            if symbol != second[column - 1]:
                best += 1
            if previous[column] + 1 < best:
                best = previous[column] + 1
            if current[column - 1] + 1 < best:
                best = current[column - 1] + 1
            current[column] = best
        previous, current = current, previous
    return previous[n]


class Kernel(NamedTuple):
    """A kernel and the bounds of its parameter."""

    run: Callable[[int], int]
    low: int
    high: int


KERNELS = {
    "sieve": Kernel(sieve, 10, 5_000_000),
    "mandelbrot": Kernel(mandelbrot, 1, 1_000),
    "edit-distance": Kernel(edit_distance, 1, 3_000),
}
