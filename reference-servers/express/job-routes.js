// The routes of CONTRACT.md under /jobs: CPU work that is asked for now and done when there is time.

import { KERNELS } from './kernels.js';
import { HttpError } from './problems.js';
import { route, wholeNumber } from './routing.js';

const LONGEST_WAIT_MS = 10_000;

/** Adds the routes; `jobs` is what jobs.js or jobs-here.js gives. */
export function addJobRoutes(app, jobs) {
  for (const kernel of KERNELS) {
    route(app, `/jobs/${kernel.name}`, {
      post: async (request, response) => {
        const n = wholeNumber(request, 'n', kernel.low, kernel.high);
        const waitMs = wholeNumber(request, 'wait_ms', 0, LONGEST_WAIT_MS, 0);
        if (waitMs > 0) {
          const { id, result } = await jobs.addAndWait(kernel, n, waitMs);
          response.json(answer(id, result));
        } else {
          const id = await jobs.add(kernel, n);
          response.status(202).location(`/jobs?id=${id}`).json({ id });
        }
      },
    });
  }

  route(app, '/jobs', {
    get: async (request, response) => {
      const { id } = request.query;
      if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) {
        throw new HttpError(400, 'id must be what a job was given.');
      }
      const waitMs = wholeNumber(request, 'wait_ms', 0, LONGEST_WAIT_MS, 0);
      const result = await jobs.result(id, waitMs);
      if (result === null) {
        throw new HttpError(404, 'There is no such job.');
      }
      response.json(answer(id, result));
    },
  });
}

/** What is answered of a job; its result is undefined while it has none. */
function answer(id, result) {
  return { id, done: result !== undefined, result: result ?? null };
}
