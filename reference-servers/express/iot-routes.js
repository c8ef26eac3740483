// The route of CONTRACT.md under /iot: readings of a device, stored by one statement.

import { body } from './bodies.js';
import { query } from './database.js';
import { route } from './routing.js';
import { Readings } from './schemas.js';

export function addIotRoutes(app, database) {
  route(app, '/iot/readings', { post: [body(Readings), store] });

  async function store(request, response) {
    const { device, readings } = request.body;
    const text = `INSERT INTO readings (device, at_ms, celsius)
      SELECT $1, at_ms, celsius FROM unnest($2::bigint[], $3::float8[]) AS sent (at_ms, celsius)`;
    const times = readings.map((reading) => reading.at_ms);
    const temperatures = readings.map((reading) => reading.celsius);
    await query(database, 'store-readings', text, [device, times, temperatures]);
    response.status(201).json({ stored: readings.length });
  }
}
