// The numeric kernels of CONTRACT.md in plain JavaScript, line by line the twin of numeric.py.
//
// All results are whole numbers below 2 ** 53, so that every way of adding them up gives the same.

// The least loss among the worst hundredth is the value at risk.
const WORST_SHARE = 0.99;
const GROUPS = 100;
export const INPUTS = 64;
const HIDDEN = 32;
const OUTPUTS = 10;
const ROWS_MAX = 1_000_000;
export const LEAST_VALUE = 500;
export const WINDOW = 7;
// Tables of other lengths make room for each other.
export const TABLES_KEPT = 4;

/** A pseudo-random word for a number: the last step of MurmurHash3. */
export function scramble(i) {
  let x = (i + 0x9e3779b9) >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b) >>> 0;
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35) >>> 0;
  return (x ^ (x >>> 16)) >>> 0;
}

function table(rows, columns, element) {
  return Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, column) => element(row, column)));
}

/** The sum of all elements of the product of two n by n matrices. */
export function matrix(n) {
  const left = table(n, n, (row, column) => scramble(row * n + column) % 10);
  const right = table(n, n, (row, column) => scramble(n * n + row * n + column) % 10);
  let total = 0.0;
  for (let row = 0; row < n; row += 1) {
    for (let column = 0; column < n; column += 1) {
      let element = 0.0;
      for (let k = 0; k < n; k += 1) {
        element += left[row][k] * right[k][column];
      }
      total += element;
    }
  }
  return total;
}

/** The value at risk of n simulated days, each the loss of three positions. */
export function risk(n) {
  const losses = new Float64Array(n);
  for (let day = 0; day < n; day += 1) {
    let loss = 0;
    for (let position = 0; position < 3; position += 1) {
      loss += scramble(3 * day + position) % 1_000_000;
    }
    losses[day] = loss;
  }
  losses.sort();
  return losses[Math.trunc(WORST_SHARE * n)];
}

/** The sums of n values by group, each weighted with its group's place. */
export function aggregate(n) {
  const sums = new Float64Array(GROUPS);
  for (let row = 0; row < n; row += 1) {
    sums[scramble(row) % GROUPS] += scramble(n + row) % 1_000;
  }
  let total = 0.0;
  for (let group = 0; group < GROUPS; group += 1) {
    total += (group + 1) * sums[group];
  }
  return total;
}

const tables = new Map();

/** The groups and values of n rows: kept, as a service keeps the data that it is asked about. */
export function keptRows(n) {
  if (!tables.has(n)) {
    const groups = new Uint8Array(n);
    const values = new Uint32Array(n);
    for (let row = 0; row < n; row += 1) {
      groups[row] = scramble(row) % GROUPS;
      values[row] = scramble(ROWS_MAX + row) % 1_000;
    }
    if (tables.size === TABLES_KEPT) {
      tables.delete(tables.keys().next().value);
    }
    tables.set(n, { groups, values });
  }
  return tables.get(n);
}

/** The counts and sums by group of the high values of n rows, each weighted with its group's place. */
export function groupBy(n) {
  const { groups, values } = keptRows(n);
  const counts = new Int32Array(GROUPS);
  const sums = new Int32Array(GROUPS);
  for (let row = 0; row < n; row += 1) {
    if (values[row] >= LEAST_VALUE) {
      counts[groups[row]] += 1;
      sums[groups[row]] += values[row];
    }
  }
  let total = 0;
  for (let group = 0; group < GROUPS; group += 1) {
    total += (group + 1) * (counts[group] + sums[group]);
  }
  return total;
}

/** The greatest sum of seven values in a row of each group of n rows, weighted with its group's place. */
export function window(n) {
  const { groups, values } = keptRows(n);
  const latest = new Int32Array(GROUPS * WINDOW);
  const seen = new Int32Array(GROUPS);
  const sums = new Int32Array(GROUPS);
  const greatest = new Int32Array(GROUPS);
  for (let row = 0; row < n; row += 1) {
    const group = groups[row];
    const value = values[row];
    const place = group * WINDOW + (seen[group] % WINDOW);
    sums[group] += value - latest[place];
    latest[place] = value;
    seen[group] += 1;
    if (seen[group] >= WINDOW && sums[group] > greatest[group]) {
      greatest[group] = sums[group];
    }
  }
  let total = 0;
  for (let group = 0; group < GROUPS; group += 1) {
    total += (group + 1) * greatest[group];
  }
  return total;
}

/** The sum of the classes that a network of two layers gives to n inputs. */
export function inference(n) {
  const first = table(INPUTS, HIDDEN, (i, j) => (scramble(i * HIDDEN + j) % 7) - 3);
  const second = table(HIDDEN, OUTPUTS, (i, j) => (scramble(10_000 + i * OUTPUTS + j) % 7) - 3);
  let total = 0;
  for (let number = 0; number < n; number += 1) {
    const hidden = new Float64Array(HIDDEN);
    for (let i = 0; i < INPUTS; i += 1) {
      const value = scramble(20_000 + number * INPUTS + i) % 16;
      for (let j = 0; j < HIDDEN; j += 1) {
        hidden[j] += value * first[i][j];
      }
    }
    let best = 0;
    let bestScore = -Infinity;
    for (let j = 0; j < OUTPUTS; j += 1) {
      let score = 0.0;
      for (let i = 0; i < HIDDEN; i += 1) {
        if (hidden[i] > 0.0) {
          score += hidden[i] * second[i][j];
        }
      }
      if (score > bestScore) {
        best = j;
        bestScore = score;
      }
    }
    total += best;
  }
  return total;
}

const module = import.meta.url;

/** Each kernel by its name in the path, with the bounds of its parameter. */
export const NUMERIC_KERNELS = [
  { name: 'matrix', module, run: matrix, low: 1, high: 400 },
  { name: 'risk', module, run: risk, low: 100, high: 1_000_000 },
  { name: 'aggregate', module, run: aggregate, low: 1, high: 1_000_000 },
  { name: 'group-by', module, run: groupBy, low: 1, high: ROWS_MAX },
  { name: 'window', module, run: window, low: 1, high: ROWS_MAX },
  { name: 'inference', module, run: inference, low: 1, high: 10_000 },
];
