// The numeric kernels: a library's results are those of plain JavaScript. Libraries that are not installed are left out: they have a
// lock file of their own (see README.md).

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';

import { NUMERIC_KERNELS } from '../numeric.js';

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url)));
const skip = ['onnxruntime-node', 'nodejs-polars'].some((name) => !existsSync(new URL(`../node_modules/${name}`, import.meta.url)));

const SIZES = [1, 6, 7, 700, 10_000];

async function assertSameResults(names, kernels) {
  for (const name of names) {
    const [plain, library] = [NUMERIC_KERNELS, kernels].map((all) => all.find((kernel) => kernel.name === name));
    assert.notEqual(plain.run, library.run, name);
    for (const n of [...SIZES, plain.high]) {
      assert.equal(await library.run(n), plain.run(n), `${name} of ${n}`);
    }
  }
}

test('ONNX Runtime gives what plain JavaScript gives', { skip }, async () => {
  await assertSameResults(['inference'], (await import('../numeric-onnx.js')).ONNX_KERNELS);
});

test('Polars gives what plain JavaScript gives', { skip }, async () => {
  await assertSameResults(['group-by', 'window'], (await import('../numeric-polars.js')).POLARS_KERNELS);
});

test('tables of other lengths make room for each other', () => {
  const groupBy = NUMERIC_KERNELS.find((kernel) => kernel.name === 'group-by');
  const results = SIZES.map((n) => groupBy.run(n));
  assert.deepEqual(SIZES.map((n) => groupBy.run(n)), results);
  assert.equal(new Set(results).size, SIZES.length);
});

test('the libraries are added to the dependencies of all modes, and change none', () => {
  const { dependencies, devDependencies, engines } = read('../package.json');
  const numeric = read('../numeric/package.json');
  const { 'nodejs-polars': polars, 'onnxruntime-node': onnx, ...rest } = numeric.dependencies;
  assert.ok(polars && onnx);
  assert.deepEqual([rest, numeric.devDependencies, numeric.engines], [dependencies, devDependencies, engines]);
});
