// The routes of CONTRACT.md under /jobs: CPU work off the request path, by a queue and its workers.

import { openJobs } from './jobs.js';
import { KERNELS } from './kernels.js';
import { HttpError } from './problems.js';
import { route, wholeNumber } from './routing.js';

export function addJobRoutes(app, redisUrl) {
  const jobs = openJobs(redisUrl);

  for (const kernel of KERNELS) {
    route(app, `/jobs/${kernel.name}`, {
      post: async (request, response) => {
        const n = wholeNumber(request, 'n', kernel.low, kernel.high);
        const id = await jobs.add(kernel.name, n);
        response.status(202).location(`/jobs?id=${id}`).json({ id });
      },
    });
  }

  route(app, '/jobs', {
    get: async (request, response) => {
      const { id } = request.query;
      if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) {
        throw new HttpError(400, 'id must be what a job was given.');
      }
      const waitMs = wholeNumber(request, 'wait_ms', 0, 10_000, 0);
      const result = await jobs.result(id, waitMs);
      if (result === null) {
        throw new HttpError(404, 'There is no such job.');
      }
      response.json({ id, done: result !== undefined, result: result ?? null });
    },
  });
}
