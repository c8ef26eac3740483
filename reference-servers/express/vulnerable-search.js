// DELIBERATELY VULNERABLE: a search that pastes what it is sent into a statement's text.
//
// It exists in the mode `vulnerable` alone, on loopback, with made-up data: what attacks must find, so that what they do not find
// elsewhere means something. Never copy it.

import { query } from './database.js';
import { route, shortText } from './routing.js';

export function addVulnerableSearch(app, pool) {
  route(app, '/db/search', {
    get: async (request, response) => {
      const name = shortText(request, 'name');
      const text = `SELECT id, name, price_cents FROM products WHERE name = '${name}' ORDER BY id LIMIT 100`;
      const rows = await query(pool, undefined, text);
      response.json({ count: rows.length, rows });
    },
  });
}
