// Starts the server in the mode asked for: single, stock, helmet, protected, vulnerable, onnx, polars, queue, cluster, nginx or worker-pool.

import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

import { Piscina } from 'piscina';

import { createApp } from './app.js';
import { joinCluster, runPrimary, tellListening } from './cluster.js';
import { keepJobs } from './jobs-here.js';
import { socketOf, startNginx } from './nginx.js';
import { NUMERIC_KERNELS } from './numeric.js';
import { refuseCrossSite, refuseForeignHosts } from './protection.js';
import { requestCount } from './request-count.js';
import { settingsOf } from './settings.js';
import { stats } from './stats.js';
import { serveWebSockets, webSocketPaths } from './websockets.js';

// Requests still running at SIGTERM get this long.
const SHUTDOWN_GRACE_MS = 1_000;

// Where sockets and nginx's files are.
const STATE = process.env.CLAIMBENCH_STATE ?? tmpdir();

const { values: options } = parseArgs({
  options: {
    mode: { type: 'string', default: 'single' },
    port: { type: 'string', default: '8000' },
    workers: { type: 'string', default: '1' },
    'pool-threads': { type: 'string', default: '1' },
    'queue-workers': { type: 'string', default: '1' },
    nginx: { type: 'string', default: 'nginx' },
  },
});
const settings = settingsOf(options.mode);

if (['cluster', 'nginx'].includes(options.mode) && cluster.isPrimary) {
  if (options.mode === 'nginx') {
    const { nginx: program, port, workers } = options;
    startNginx({ program, port, state: STATE, servers: Number(workers) });
  }
  runPrimary(Number(options.workers));
} else {
  await serve();
}

async function serve() {
  if (options.mode === 'queue') {
    startQueueWorkers(Number(options['queue-workers']));
  }
  const webSockets = webSocketPaths({ processes: Number(options.workers), sharedRooms: await sharedRoomsOfEnvironment() });
  const runKernel = options.mode === 'worker-pool' ? kernelRunnerInPool(Number(options['pool-threads'])) : runKernelHere;
  const app = await createApp({
    settings,
    runKernel,
    numericKernels: await numericKernelsOfMode(),
    serverStats: statsSource(),
    upstreamUrl: process.env.UPSTREAM_URL ?? 'http://127.0.0.1:9000',
    database: databaseOfEnvironment(),
    jobs: await jobsOfMode(runKernel),
    webSockets,
    middleware: await middlewareOfMode(),
  });
  const server = createServer(settings.http, app);
  serveWebSockets(server, webSockets);
  if (options.mode === 'nginx') {
    const path = socketOf(STATE, process.env.WORKER_SLOT);
    rmSync(path, { force: true }); // Of a worker that died.
    server.listen({ path, exclusive: true, ...settings.listen }, tellListening);
  } else {
    server.listen({ host: '127.0.0.1', port: Number(options.port), ...settings.listen });
  }
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => stop(server));
  }
}

function databaseOfEnvironment() {
  const { DATABASE_URL: url, DATABASE_POOL_SIZE: connections = '10' } = process.env;
  return url === undefined
    ? undefined
    : { url, pool: settings.pool(Number(connections)), vulnerable: options.mode === 'vulnerable' };
}

/** What runs before all routes. */
async function middlewareOfMode() {
  switch (options.mode) {
    case 'helmet':
      return [(await import('helmet')).default()];
    case 'protected':
      return [(await import('helmet')).default(), refuseForeignHosts, refuseCrossSite];
    default:
      return [];
  }
}

/** The numeric kernels as the mode's library has them; it is loaded in that mode only. */
async function numericKernelsOfMode() {
  switch (options.mode) {
    case 'onnx':
      return (await import('./numeric-onnx.js')).ONNX_KERNELS;
    case 'polars':
      return (await import('./numeric-polars.js')).POLARS_KERNELS;
    default:
      return NUMERIC_KERNELS;
  }
}

/** What does the jobs in the modes that have any: a queue and its workers, or this process itself. */
async function jobsOfMode(runKernel) {
  switch (options.mode) {
    case 'queue':
      return process.env.REDIS_URL && (await import('./jobs.js')).openJobs(process.env.REDIS_URL);
    case 'single':
    case 'worker-pool':
      return keepJobs(runKernel);
    default:
      return undefined;
  }
}

/** Rooms that all processes share, where there is a Redis that is not the queue's; its library is loaded only then. */
async function sharedRoomsOfEnvironment() {
  const { REDIS_URL: url } = process.env;
  if (url === undefined || options.mode === 'queue') {
    return undefined;
  }
  const { openSharedRooms } = await import('./shared-rooms.js');
  return openSharedRooms(url);
}

/** The processes that do what is put on the queue; without one of them nothing would. */
function startQueueWorkers(count) {
  for (let i = 0; i < count; i += 1) {
    const worker = fork(new URL('./worker.js', import.meta.url));
    worker.on('exit', (code, signal) => {
      console.error(`a queue worker ended (${signal ?? `exit code ${code}`})`);
      process.exit(1);
    });
  }
}

function runKernelHere(kernel, n) {
  return kernel.run(n);
}

/** A fixed number of threads: piscina would stop idle ones at once and start them anew. */
function kernelRunnerInPool(threads) {
  const pool = new Piscina({
    minThreads: threads,
    maxThreads: threads,
  });
  return (kernel, n) => pool.run(n, { filename: kernel.module, name: kernel.run.name });
}

function statsSource() {
  const collect = cluster.isWorker
    ? joinCluster()
    : () => Promise.resolve({ pids: [process.pid], requests: requestCount() });
  return async () => stats({ mode: options.mode, processes: Number(options.workers), totals: await collect() });
}

/** Takes no new connection, closes idle ones, and ends when the running requests have, or after the grace time. */
function stop(server) {
  if (!server.listening) {
    return; // Asked before: a cluster's worker may hear it from its primary and from its process group.
  }
  server.close(() => process.exit(0));
  setTimeout(() => process.exit(0), SHUTDOWN_GRACE_MS);
}
