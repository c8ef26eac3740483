// Jobs on a queue that is lost, and one that failed.

import assert from 'node:assert/strict';
import test from 'node:test';

import { openJobs } from '../jobs.js';
import { startRedis } from './redis.js';
import { serving } from './serving.js';

const WAITING = { name: 'sieve', data: '{"n":10}', opts: '{}', timestamp: '1' };
const JOBS = {
  'bull:kernels:1': WAITING,
  'bull:kernels:2': { ...WAITING, finishedOn: '2', returnvalue: '4' },
  'bull:kernels:3': { ...WAITING, finishedOn: '2', failedReason: 'its worker ended' },
};
// Longer than an answer takes that waits for nothing, and shorter than any wait.
const AT_ONCE_MS = 5_000;

test('a job that failed is no job that is done, and none that is not there', async (t) => {
  const redis = await startRedis(JOBS);
  const ask = await servingJobs(t, redis);
  const result = async (id) => (await ask(`/jobs?id=${id}&wait_ms=1`)).json();
  assert.deepEqual(await result(1), { id: '1', done: false, result: null });
  assert.deepEqual(await result(2), { id: '2', done: true, result: 4 });
  assert.deepEqual(await result(3), { id: '3', done: false, result: null });
  assert.equal((await result(4)).status, 404);
});

test('where Redis is gone jobs get a 503 at once, and are taken again when it is back', { timeout: 60_000 }, async (t) => {
  t.mock.method(console, 'error', () => {});
  const redis = await startRedis(JOBS);
  const serve = await servingJobs(t, redis);
  const ask = (path, init) => serve(path, { signal: AbortSignal.timeout(AT_ONCE_MS), ...init });
  const put = (waitMs) => ask(`/jobs/sieve?n=10&wait_ms=${waitMs}`, { method: 'POST' });
  assert.equal((await put(0)).status, 202);
  redis.stop();
  for (const asked of [put(0), put(10_000), ask('/jobs?id=2'), ask('/jobs?id=1&wait_ms=10000')]) {
    const response = await asked;
    assert.equal(response.status, 503);
    assert.equal((await response.json()).detail, 'The queue cannot be reached.');
  }
  await redis.start();
  while ((await put(0)).status !== 202) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

async function servingJobs(t, redis) {
  const jobs = await openJobs(redis.url);
  t.after(async () => {
    await jobs.close();
    redis.stop();
  });
  return serving(t, { jobs });
}
