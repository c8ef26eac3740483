// Serves the app on a free port for the time of a test.

import { createServer } from 'node:http';

import { createApp } from '../app.js';

// The discard port, where nobody listens.
const NOWHERE = '127.0.0.1:9';

export async function serving(test, options = {}) {
  const app = await createApp({
    runKernel: (kernel, n) => kernel.run(n),
    serverStats: () => Promise.resolve({ server: 'express' }),
    upstreamUrl: `http://${NOWHERE}`,
    database: { url: `postgresql://${NOWHERE}/none`, connections: 1 },
    ...options,
  });
  const server = createServer(app);
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${server.address().port}`;
  return (path, init) => fetch(base + path, init);
}
