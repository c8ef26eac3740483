// A worker process of BullMQ: takes the queue's jobs one by one and computes them. Started by server.js in the mode queue.

import { Worker } from 'bullmq';

import { connectionTo, QUEUE } from './jobs.js';
import { KERNELS } from './kernels.js';

const runs = new Map(KERNELS.map((kernel) => [kernel.name, kernel.run]));

// One at a time: the work keeps the whole process busy, and more processes are what there are more workers for.
const worker = new Worker(QUEUE, (job) => Promise.resolve(runs.get(job.name)(job.data.n)), {
  connection: connectionTo(process.env.REDIS_URL),
  concurrency: 1,
});
worker.on('error', (error) => console.error(error));

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => process.exit(0));
}
// Whoever started it is gone.
process.on('disconnect', () => process.exit(0));
