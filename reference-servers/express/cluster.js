// One listening port, several processes (node:cluster), and the sum of their counts over IPC.

import cluster from 'node:cluster';

import { requestCount } from './request-count.js';

// A worker blocked by a CPU route answers late; one that died does not answer at all.
const COLLECT_TIMEOUT_MS = 5_000;

// Tells one question over IPC from the next.
let lastQuestion = 0;

/** In the primary: starts the workers, one more at SIGTTIN, replaces one that dies, and answers their questions. */
export function runPrimary(workers) {
  let stopping = false;
  const start = (slot) => {
    cluster.fork({ WORKER_SLOT: slot }).slot = slot;
  };
  let slots = 0;
  const addWorker = () => {
    start(slots);
    slots += 1;
  };
  while (slots < workers) {
    addWorker();
  }
  process.on('SIGTTIN', addWorker); // As gunicorn and uvicorn do.
  cluster.on('exit', (worker, code, signal) => {
    if (stopping) {
      return;
    }
    console.error(`worker ${worker.process.pid} died (${signal ?? `exit code ${code}`})`);
    if (!worker.hasListened) {
      process.exit(1); // It would die again: a port in use, a module missing.
    }
    start(worker.slot);
  });
  cluster.on('listening', (worker) => {
    worker.hasListened = true;
  });
  cluster.on('message', (worker, message) => {
    if (message.type === 'listening') {
      worker.hasListened = true;
    } else if (message.type === 'collect') {
      collect().then((totals) => worker.isConnected() && worker.send({ type: 'totals', id: message.id, totals }));
    }
  });
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      stopping = true;
      for (const worker of Object.values(cluster.workers)) {
        worker.process.kill(signal);
      }
    });
  }
}

/** In the primary: the pids of all listening workers, and the requests that they have answered. */
async function collect() {
  const listening = Object.values(cluster.workers).filter((worker) => worker.hasListened);
  const counts = await Promise.all(listening.map(askCount));
  return {
    pids: listening.map((worker) => worker.process.pid),
    requests: counts.reduce((sum, count) => sum + count, 0),
  };
}

function askCount(worker) {
  lastQuestion += 1;
  const id = lastQuestion;
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(0), COLLECT_TIMEOUT_MS);
    const onMessage = (message) => message.type === 'count' && message.id === id && finish(message.count);
    const finish = (count) => {
      clearTimeout(timer);
      worker.off('message', onMessage);
      resolve(count);
    };
    worker.on('message', onMessage);
    worker.send({ type: 'count', id });
  });
}

/** In a worker that listens for itself: tells the primary, which sees only what it shares. */
export function tellListening() {
  process.send({ type: 'listening' });
}

/** In a worker: answers the primary's questions, and returns the function that asks it for the totals. */
export function joinCluster() {
  const waiting = new Map();
  process.on('message', (message) => {
    if (message.type === 'count') {
      process.send({ type: 'count', id: message.id, count: requestCount() });
    } else if (message.type === 'totals') {
      waiting.get(message.id)(message.totals);
      waiting.delete(message.id);
    }
  });
  return () =>
    new Promise((resolve) => {
      lastQuestion += 1;
      waiting.set(lastQuestion, resolve);
      process.send({ type: 'collect', id: lastQuestion });
    });
}
