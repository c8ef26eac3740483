// Serves the app on a free port for the time of a test.

import { createServer } from 'node:http';

import { createApp } from '../app.js';
import { SETTINGS } from '../settings.js';
import { serveWebSockets } from '../websockets.js';

// The discard port, where nobody listens.
const NOWHERE = '127.0.0.1:9';

export async function serving(test, options = {}) {
  const { base } = await listening(test, options);
  return (path, init) => fetch(base + path, init);
}

/** The server itself, and where it listens. */
export async function listening(test, options = {}) {
  const app = await createApp({
    settings: SETTINGS,
    runKernel: (kernel, n) => kernel.run(n),
    serverStats: () => Promise.resolve({ server: 'express' }),
    upstreamUrl: `http://${NOWHERE}`,
    database: { url: `postgresql://${NOWHERE}/none`, pool: SETTINGS.pool(1) },
    ...options,
  });
  const server = createServer(app);
  serveWebSockets(server, options.webSockets ?? []);
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, base: `http://127.0.0.1:${server.address().port}` };
}
