// Jobs without a queue: done by the process that is asked for them, on its event loop or in its worker threads.

import { setTimeout as delay } from 'node:timers/promises';

// As many as BullMQ keeps.
const KEPT = 10_000;

/** What jobs.js gives, for jobs that `runKernel` does here. */
export function keepJobs(runKernel) {
  const jobs = new Map();
  let last = 0;

  const begin = (kernel, n) => {
    last += 1;
    const id = String(last);
    jobs.set(id, Promise.resolve(runKernel(kernel, n)));
    jobs.delete(String(last - KEPT));
    return id;
  };

  const result = (id, waitMs) => {
    if (!jobs.has(id)) {
      return null;
    }
    const waiting = new AbortController();
    const tooLate = delay(waitMs, undefined, { signal: waiting.signal }).catch(() => undefined);
    return Promise.race([jobs.get(id), tooLate]).finally(() => waiting.abort());
  };

  return {
    add: (kernel, n) => Promise.resolve(begin(kernel, n)),
    addAndWait: async (kernel, n, waitMs) => {
      const id = begin(kernel, n);
      return { id, result: await result(id, waitMs) };
    },
    result,
  };
}
