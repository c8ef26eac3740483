// The routes of CONTRACT.md under /db: one row, many rows, and one row read and written.

import { query, transaction } from './database.js';
import { HttpError } from './problems.js';
import { route, shortText, wholeNumber } from './routing.js';

const LAST_ID = 10_000;

export function addDatabaseRoutes(app, database) {
  route(app, '/db/row', {
    get: async (request, response) => {
      const id = wholeNumber(request, 'id', 1, LAST_ID);
      const [row] = await query(database, 'row', 'SELECT id, name, price_cents FROM products WHERE id = $1', [id]);
      if (row === undefined) {
        throw new HttpError(404, 'There is no such product.');
      }
      response.json(row);
    },
  });

  route(app, '/db/rows', {
    get: async (request, response) => {
      const first = wholeNumber(request, 'first', 1, LAST_ID, 1);
      const count = wholeNumber(request, 'count', 1, 500, 20);
      const text = 'SELECT id, name, price_cents FROM products WHERE id >= $1 ORDER BY id LIMIT $2';
      const rows = await query(database, 'rows', text, [first, count]);
      response.json({ count: rows.length, rows });
    },
  });

  route(app, '/db/search', {
    get: async (request, response) => {
      const name = shortText(request, 'name');
      const text = 'SELECT id, name, price_cents FROM products WHERE name = $1 ORDER BY id LIMIT 100';
      const rows = await query(database, 'search', text, [name]);
      response.json({ count: rows.length, rows });
    },
  });

  route(app, '/db/read-write', {
    post: async (request, response) => {
      const id = wholeNumber(request, 'id', 1, LAST_ID);
      response.json(await transaction(database, (client) => addView(client, id)));
    },
  });
}

async function addView(client, id) {
  const text = 'SELECT name, views FROM products WHERE id = $1 FOR UPDATE';
  const [row] = await query(client, 'read-for-update', text, [id]);
  if (row === undefined) {
    throw new HttpError(404, 'There is no such product.');
  }
  const views = row.views + 1;
  await query(client, 'write-views', 'UPDATE products SET views = $1 WHERE id = $2', [views, id]);
  return { id, name: row.name, views };
}
