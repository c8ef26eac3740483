// Starts the server in the mode asked for: single, cluster or worker-pool.

import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import { Piscina } from 'piscina';

import { createApp } from './app.js';
import { joinCluster, runPrimary } from './cluster.js';
import { requestCount } from './request-count.js';
import { stats } from './stats.js';

// Requests still running at SIGTERM get this long.
const SHUTDOWN_GRACE_MS = 1_000;

const { values: options } = parseArgs({
  options: {
    mode: { type: 'string', default: 'single' },
    port: { type: 'string', default: '8000' },
    workers: { type: 'string', default: '1' },
    'pool-threads': { type: 'string', default: '1' },
  },
});

if (options.mode === 'cluster' && cluster.isPrimary) {
  runPrimary(Number(options.workers));
} else {
  serve();
}

function serve() {
  const app = createApp({
    runKernel: options.mode === 'worker-pool' ? kernelRunnerInPool(Number(options['pool-threads'])) : runKernelHere,
    serverStats: statsSource(),
    upstreamUrl: process.env.UPSTREAM_URL ?? 'http://127.0.0.1:9000',
  });
  const server = createServer({ keepAliveTimeout: 65_000, headersTimeout: 66_000 }, app);
  server.listen({ host: '127.0.0.1', port: Number(options.port), backlog: 2048 });
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => stop(server));
  }
}

function runKernelHere(kernel, n) {
  return kernel.run(n);
}

/** A fixed number of threads: piscina would stop idle ones at once and start them anew. */
function kernelRunnerInPool(threads) {
  const pool = new Piscina({
    filename: new URL('./kernels.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });
  return (kernel, n) => pool.run(n, { name: kernel.run.name });
}

function statsSource() {
  const collect = cluster.isWorker
    ? joinCluster()
    : async () => ({ pids: [process.pid], requests: requestCount() });
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
