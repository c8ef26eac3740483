// All routes of CONTRACT.md that need the database, on one pool.

import { openDatabase } from './database.js';
import { addDatabaseRoutes } from './database-routes.js';
import { addIotRoutes } from './iot-routes.js';
import { addMobileRoutes } from './mobile-routes.js';

export function addRoutesWithDatabase(app, { url, connections }) {
  const pool = openDatabase(url, connections);
  addDatabaseRoutes(app, pool);
  addMobileRoutes(app, pool);
  addIotRoutes(app, pool);
}
