// What differs from the defaults of Node.js, Express and node-postgres; the reasons are in server.toml.

export const SETTINGS = {
  http: { keepAliveTimeout: 65_000, headersTimeout: 66_000 },
  listen: { backlog: 2048 },
  disabled: ['etag', 'x-powered-by'],
  pool: (size) => ({ max: size, min: size, idleTimeoutMillis: 0, connectionTimeoutMillis: 5_000 }),
};

/** Nothing: what a newcomer gets. */
const STOCK = { http: {}, listen: {}, disabled: [], pool: () => ({}) };

export function settingsOf(mode) {
  return mode === 'stock' ? STOCK : SETTINGS;
}
