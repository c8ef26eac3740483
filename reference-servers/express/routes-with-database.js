// All routes of CONTRACT.md that need the database, on one pool.

import { openDatabase } from './database.js';
import { addDatabaseRoutes } from './database-routes.js';
import { addIotRoutes } from './iot-routes.js';
import { addMobileRoutes } from './mobile-routes.js';
import { addVulnerableSearch } from './vulnerable-search.js';

export function addRoutesWithDatabase(app, { url, pool: settings, vulnerable }) {
  const pool = openDatabase(url, settings);
  if (vulnerable) {
    // Before the safe one, which it hides.
    addVulnerableSearch(app, pool);
  }
  addDatabaseRoutes(app, pool);
  addMobileRoutes(app, pool);
  addIotRoutes(app, pool);
}
