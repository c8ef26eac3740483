// The routes of CONTRACT.md in Express.

import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

import express from 'express';
import { Pool } from 'undici';

import { addEventRoute } from './event-routes.js';
import { addJobRoutes } from './job-routes.js';
import { KERNELS } from './kernels.js';
import { addLargeBodies } from './large-bodies.js';
import { NUMERIC_KERNELS } from './numeric.js';
import { addPageRoutes } from './page-routes.js';
import { answerProblem, HttpError, notFound } from './problems.js';
import { countRequests } from './request-count.js';
import { route, wholeNumber } from './routing.js';
import { addUpgradeRequired } from './websockets.js';

const derive = promisify(pbkdf2);
const UPSTREAM_TIMEOUTS = { connect: { timeout: 5_000 }, headersTimeout: 30_000, bodyTimeout: 30_000 };

/**
 * The app. `settings` are those of settings.js; `runKernel` takes a kernel and its n, and gives the result or a promise of it; `numericKernels` are those of /numeric; `serverStats` gives a promise of
 * what /stats answers; `upstreamUrl` is the base URL of the upstream; `database` is the URL of the database and the settings
 * of this process's pool of connections to it, left out where there is none; `jobs` is
 * what does jobs (see jobs.js), left out where there are none; `webSockets` are the paths that speak WebSocket; `middleware` runs before all
 * routes that are counted.
 */
export async function createApp({
  settings,
  runKernel,
  numericKernels = NUMERIC_KERNELS,
  serverStats,
  upstreamUrl,
  database,
  jobs,
  webSockets = [],
  middleware = [],
}) {
  const app = express();
  for (const each of settings.disabled) {
    app.disable(each);
  }

  // Before the middleware that counts: these two are questions about the server, not part of its work.
  route(app, '/health', { get: (_request, response) => response.type('text/plain').send('ok') });
  route(app, '/stats', { get: async (_request, response) => response.json(await serverStats()) });
  app.use(countRequests);
  for (const each of middleware) {
    app.use(each);
  }

  route(app, '/plain', { get: (_request, response) => response.type('text/plain').send('Hello, World!') });
  route(app, '/json', { get: answerItems });
  route(app, '/upstream', { get: answerUpstream(new Pool(upstreamUrl, UPSTREAM_TIMEOUTS)) });
  for (const kernel of KERNELS) {
    route(app, `/cpu/${kernel.name}`, { get: answerKernel(kernel, runKernel) });
  }
  for (const kernel of numericKernels) {
    route(app, `/numeric/${kernel.name}`, { get: answerKernel(kernel, runKernel) });
  }
  route(app, '/cpu-released', { get: answerDigest });
  route(app, '/bystander', { get: (_request, response) => response.json({ ok: true }) });

  addEventRoute(app);
  addLargeBodies(app);
  addUpgradeRequired(app, webSockets);
  addPageRoutes(app);

  if (database !== undefined) {
    // Loaded where it is needed only: a server without a database starts without its libraries.
    const { addRoutesWithDatabase } = await import('./routes-with-database.js');
    addRoutesWithDatabase(app, database);
  }

  if (jobs !== undefined) {
    addJobRoutes(app, jobs);
  }

  app.use(notFound);
  app.use(answerProblem);
  return app;
}

function answerItems(request, response) {
  const count = wholeNumber(request, 'items', 1, 1_000, 10);
  const items = [];
  for (let i = 0; i < count; i += 1) {
    items.push({ id: i, name: `item-${i}`, price: i + 0.5, tags: ['a', 'b'] });
  }
  response.json({ count, items });
}

function answerUpstream(pool) {
  return async (request, response) => {
    const delayMs = wholeNumber(request, 'delay_ms', 0, 10_000, 20);
    const calls = wholeNumber(request, 'calls', 1, 16, 1);
    const answers = await Promise.all(Array.from({ length: calls }, () => callUpstream(pool, delayMs)));
    response.json({ calls, answers });
  };
}

async function callUpstream(pool, delayMs) {
  try {
    const { statusCode, body } = await pool.request({ path: `/delay?ms=${delayMs}`, method: 'GET' });
    const text = await body.text();
    if (statusCode === 200) {
      return text;
    }
  } catch (cause) {
    throw new HttpError(502, 'The upstream did not answer.', { cause });
  }
  throw new HttpError(502, 'The upstream did not answer.');
}

function answerKernel(kernel, runKernel) {
  return async (request, response) => {
    const n = wholeNumber(request, 'n', kernel.low, kernel.high);
    response.json({ kernel: kernel.name, n, result: await runKernel(kernel, n) });
  };
}

async function answerDigest(request, response) {
  const rounds = wholeNumber(request, 'rounds', 1, 5_000_000, 20_000);
  const digest = await derive('claimbench', 'released', rounds, 32, 'sha256');
  response.json({ rounds, digest: digest.toString('hex') });
}
