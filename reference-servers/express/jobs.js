// Background work by BullMQ: what puts jobs on the queue and waits for them. The jobs run in worker.js.

import { Job, Queue, QueueEvents } from 'bullmq';

export const QUEUE = 'kernels';

// Results are kept for an hour, and no more of them than memory has room for.
const KEEP = { age: 3_600, count: 10_000 };

/** Where Redis is, in BullMQ's words; `maxRetriesPerRequest` as it asks for. */
export function connectionTo(url) {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null };
}

export function openJobs(redisUrl) {
  const connection = connectionTo(redisUrl);
  const queue = new Queue(QUEUE, { connection, defaultJobOptions: { removeOnComplete: KEEP, removeOnFail: KEEP } });
  const events = new QueueEvents(QUEUE, { connection });

  return {
    /** Puts a job on the queue and gives its number. */
    async add(kernel, n) {
      const job = await queue.add(kernel.name, { n });
      return job.id;
    },

    /** The same, and waits for its result: undefined where it has none after so many milliseconds. */
    async addAndWait(kernel, n, waitMs) {
      const job = await queue.add(kernel.name, { n });
      return { id: job.id, result: await job.waitUntilFinished(events, waitMs).catch(() => undefined) };
    },

    /** The result of a job, or undefined when it has none yet after so many milliseconds; null where there is no such job. */
    async result(id, waitMs) {
      const job = await Job.fromId(queue, id);
      if (job === undefined) {
        return null;
      }
      if (waitMs > 0 && !(await job.isCompleted())) {
        await job.waitUntilFinished(events, waitMs).catch(() => undefined);
      }
      const now = await Job.fromId(queue, id);
      return now?.finishedOn === undefined ? undefined : now.returnvalue;
    },
  };
}
