// What the server knows about itself, asked of the running process.

import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const NANOS_PER_MILLI = 1e6;
// The monitor is a timer of this period, which its figures contain.
const MONITOR_PERIOD_MS = 10;

const eventLoopDelay = monitorEventLoopDelay({ resolution: MONITOR_PERIOD_MS });
eventLoopDelay.enable();

const LIBRARIES = ['bullmq', 'express', 'ioredis', 'jose', 'pg', 'piscina', 'undici', 'ws', 'zod'];
// What a mode loads beside them.
const LIBRARIES_OF_MODE = { onnx: ['onnxruntime-node'], polars: ['nodejs-polars'] };
const libraries = versionsOf(LIBRARIES);

/** The answer of /stats; `totals` has the pids of all serving processes and the requests of all of them. */
export function stats({ mode, processes, totals }) {
  const { express, ...versions } = libraries;
  return {
    server: 'express',
    mode,
    framework: { name: 'Express', version: express },
    server_software: { name: 'node:http', version: process.versions.node },
    runtime: { name: 'Node.js', version: process.versions.node },
    gil: 'none',
    free_threaded_build: false,
    pid: process.pid,
    pids: totals.pids,
    processes,
    threads: 1,
    versions: { ...versions, ...versionsOf(LIBRARIES_OF_MODE[mode] ?? []), v8: process.versions.v8, uv: process.versions.uv },
    event_loop_delay_ms: eventLoopDelayMs(),
    requests: totals.requests,
  };
}

function eventLoopDelayMs() {
  if (eventLoopDelay.count === 0) {
    return null;
  }
  return Math.max(0, eventLoopDelay.percentile(99) / NANOS_PER_MILLI - MONITOR_PERIOD_MS);
}

function versionsOf(names) {
  return Object.fromEntries(names.map((name) => [name, versionOf(name)]));
}

// Read from the folder of dependencies: not every package exports its package.json.
function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;
}
