// The database of CONTRACT.md, by node-postgres: one pool a process, and named statements, which a connection prepares once.

import pg from 'pg';

import { HttpError } from './problems.js';

// Of the classes of SQLSTATE (PostgreSQL documentation, Appendix A): connection exceptions, operator intervention.
const LOST_CONNECTION = /^(08|57)/;

/** A pool of connections. */
export function openDatabase(url, settings) {
  const pool = new pg.Pool({ connectionString: url, ...settings });
  // A connection that breaks is replaced, and the query that it breaks under tells of it. The pool hears of those that are idle only; one
  // that is taken out would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Runs a named statement on the pool, or on a client in a transaction, and gives its rows. */
export async function query(database, name, text, values) {
  const { rows } = await reached(database.query({ name, text, values }));
  return rows;
}

/** Runs `work` with a client in a transaction: committed when it succeeds, rolled back when it fails. */
export async function transaction(pool, work) {
  const client = await reached(pool.connect());
  try {
    await reached(client.query('BEGIN'));
    const result = await work(client);
    await reached(client.query('COMMIT'));
    client.release();
    return result;
  } catch (error) {
    // A client that cannot even roll back is thrown away with its connection.
    const broken = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    client.release(broken);
    throw error;
  }
}

/** What the database answers; where it cannot be reached a 503. What it says against a statement is a failure of this server. */
async function reached(answer) {
  try {
    return await answer;
  } catch (error) {
    const lost = error.code === undefined || LOST_CONNECTION.test(error.code) || error.syscall !== undefined;
    throw lost ? new HttpError(503, 'The database cannot be reached.', { cause: error }) : error;
  }
}
