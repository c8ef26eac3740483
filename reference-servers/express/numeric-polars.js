// The numeric kernels `group-by` and `window` by Polars; the other kernels are those of numeric.js.

import pl from 'nodejs-polars';

import { keptRows, LEAST_VALUE, NUMERIC_KERNELS, TABLES_KEPT, WINDOW } from './numeric.js';

const group = pl.col('group');
const value = pl.col('value');
const place = group.cast(pl.Int64).plus(1);
// A number of JavaScript alone would make floats of a whole column to compare it with.
const leastValue = pl.lit(LEAST_VALUE).cast(pl.UInt32);
const frames = new Map();

function keptFrame(n) {
  if (!frames.has(n)) {
    const { groups, values } = keptRows(n);
    const columns = [pl.Series('group', groups, pl.UInt8), pl.Series('value', values, pl.UInt32)];
    if (frames.size === TABLES_KEPT) {
      frames.delete(frames.keys().next().value);
    }
    frames.set(n, pl.DataFrame(columns).lazy());
  }
  return frames.get(n);
}

export async function groupBy(n) {
  const byGroup = keptFrame(n)
    .filter(value.gtEq(leastValue))
    .groupBy('group')
    .agg(value.count().alias('count'), value.sum());
  return only(await byGroup.select(place.mul(pl.col('count').plus(value)).sum()).collect());
}

export async function window(n) {
  const byGroup = keptFrame(n)
    .groupBy('group')
    .agg(value.rollingSum(WINDOW).max());
  return only(await byGroup.select(place.mul(value).sum()).collect());
}

/** The one number of a frame of one row and column. */
function only(frame) {
  return Number(frame.row(0)[0]);
}

const module = import.meta.url;
const RUNS = { 'group-by': groupBy, window };

export const POLARS_KERNELS = NUMERIC_KERNELS.map((kernel) =>
  kernel.name in RUNS ? { ...kernel, module, run: RUNS[kernel.name] } : kernel,
);
