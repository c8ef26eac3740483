// Jobs without a queue.

import assert from 'node:assert/strict';
import test from 'node:test';

import { keepJobs } from '../jobs-here.js';

const doubled = (_kernel, n) => 2 * n;

test('a job is done where it is asked for and its result kept', async () => {
  const jobs = keepJobs(doubled);
  const id = await jobs.add({}, 21);
  assert.equal(await jobs.result(id, 1_000), 42);
  assert.deepEqual(await jobs.addAndWait({}, 4, 1_000), { id: '2', result: 8 });
  assert.equal(await jobs.result('3', 0), null);
});

test('a job that is not done in time has no result yet', async () => {
  let finish;
  const jobs = keepJobs(() => new Promise((resolve) => (finish = resolve)));
  const { id, result } = await jobs.addAndWait({}, 1, 5);
  assert.equal(result, undefined);
  finish(7);
  assert.equal(await jobs.result(id, 1_000), 7);
});
