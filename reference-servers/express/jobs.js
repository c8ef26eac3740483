// Background work by BullMQ: what puts jobs on the queue and waits for them. The jobs run in worker.js.

import { Job, Queue, QueueEvents } from 'bullmq';

import { HttpError } from './problems.js';

export const QUEUE = 'kernels';

// Results are kept for an hour, and no more of them than memory has room for.
const KEEP = { age: 3_600, count: 10_000 };
// A request hears at once that Redis is gone. What waits for jobs waits for its return too: BullMQ sees to that itself.
const FAIL_FAST = { enableOfflineQueue: false, maxRetriesPerRequest: 0 };

/** Where Redis is, in BullMQ's words. */
export function connectionTo(url) {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** The queue on a Redis; ready once that is reached. */
export async function openJobs(redisUrl) {
  const connection = connectionTo(redisUrl);
  const queue = new Queue(QUEUE, {
    connection: { ...connection, ...FAIL_FAST },
    defaultJobOptions: { removeOnComplete: KEEP, removeOnFail: KEEP },
  });
  const events = new QueueEvents(QUEUE, { connection });
  for (const each of [queue, events]) {
    each.on('error', (error) => console.error(error));
    await each.waitUntilReady();
  }

  async function add(kernel, n) {
    const { id } = await reached(queue.add(kernel.name, { n }));
    return id;
  }

  async function result(id, waitMs) {
    // Before it is asked for, so that its end is not missed.
    const listening = listenFor(events, id, waitMs);
    try {
      const job = await reached(Job.fromId(queue, id));
      if (job === undefined) {
        return null;
      }
      return job.finishedOn === undefined ? await listening.ended : (job.returnvalue ?? undefined);
    } finally {
      listening.stop();
    }
  }

  return {
    /** Puts a job on the queue and gives its number. */
    add,

    /** The same, and waits for its result: undefined where it has none after so many milliseconds. */
    async addAndWait(kernel, n, waitMs) {
      const id = await add(kernel, n);
      return { id, result: (await result(id, waitMs)) ?? undefined };
    },

    /**
     * The result of a job, or undefined when it has none after so many milliseconds, as one that failed never has; null where there is
     * no such job.
     */
    result,

    /** Ends the connections; the jobs stay. */
    close: () => Promise.all([queue.close(), events.close()]),
  };
}

/** Hears of the end of a job: `ended` is its result, or undefined where it fails or takes longer than so many milliseconds. */
function listenFor(events, id, waitMs) {
  const { promise: ended, resolve } = Promise.withResolvers();
  const timer = setTimeout(resolve, waitMs);
  const hear = ({ returnvalue }) => resolve(returnvalue);
  const names = [`completed:${id}`, `failed:${id}`];
  names.forEach((name) => events.on(name, hear));
  const stop = () => {
    clearTimeout(timer);
    names.forEach((name) => events.off(name, hear));
  };
  return { ended, stop };
}

/** What Redis answers; where it cannot be reached a 503. What it says against a command is a failure of this server. */
async function reached(answer) {
  try {
    return await answer;
  } catch (error) {
    throw error.name === 'ReplyError' ? error : new HttpError(503, 'The queue cannot be reached.', { cause: error });
  }
}
