// The CPU kernels of CONTRACT.md in plain JavaScript, line by line the twin of kernels.py.
//
// No library and no trick of one language: what is compared is the language.

/** The number of primes below n. */
export function sieve(n) {
  const composite = new Uint8Array(n);
  let primes = 0;
  for (let i = 2; i < n; i += 1) {
    if (composite[i] === 0) {
      primes += 1;
      let multiple = i * i;
      while (multiple < n) {
        composite[multiple] = 1;
        multiple += i;
      }
    }
  }
  return primes;
}

/** All iterations on an n by n grid over [-2, 0.5) x [-1.25, 1.25), at most 50 a point. */
export function mandelbrot(n) {
  let total = 0;
  for (let row = 0; row < n; row += 1) {
    const imaginary = -1.25 + (2.5 * row) / n;
    for (let column = 0; column < n; column += 1) {
      const real = -2.0 + (2.5 * column) / n;
      let x = 0.0;
      let y = 0.0;
      let iteration = 0;
      while (iteration < 50) {
        const xx = x * x;
        const yy = y * y;
        if (xx + yy > 4.0) {
          break;
        }
        y = 2.0 * x * y + imaginary;
        x = xx - yy + real;
        iteration += 1;
      }
      total += iteration;
    }
  }
  return total;
}

/** The Levenshtein distance of two pseudo-random strings of n symbols out of four. */
export function editDistance(n) {
  let state = 42;
  const first = [];
  for (let i = 0; i < n; i += 1) {
    state = (state * 16807) % 2147483647;
    first.push(state % 4);
  }
  const second = [];
  for (let i = 0; i < n; i += 1) {
    state = (state * 16807) % 2147483647;
    second.push(state % 4);
  }

  let previous = [];
  for (let column = 0; column <= n; column += 1) {
    previous.push(column);
  }
  let current = new Array(n + 1).fill(0);
  for (let row = 1; row <= n; row += 1) {
    current[0] = row;
    const symbol = first[row - 1];
    for (let column = 1; column <= n; column += 1) {
      let best = previous[column - 1];
      if (symbol !== second[column - 1]) {
        best += 1;
      }
      if (previous[column] + 1 < best) {
        best = previous[column] + 1;
      }
      if (current[column - 1] + 1 < best) {
        best = current[column - 1] + 1;
      }
      current[column] = best;
    }
    [previous, current] = [current, previous];
  }
  return previous[n];
}

const module = import.meta.url;

/** Each kernel by its name in the path, with the bounds of its parameter and the module that a worker thread loads it from. */
export const KERNELS = [
  { name: 'sieve', module, run: sieve, low: 10, high: 5_000_000 },
  { name: 'mandelbrot', module, run: mandelbrot, low: 1, high: 1_000 },
  { name: 'edit-distance', module, run: editDistance, low: 1, high: 3_000 },
];
