// The database of CONTRACT.md, by node-postgres: one pool a process, and named statements, which a connection prepares once.

import pg from 'pg';

import { HttpError } from './problems.js';

// Of the classes of SQLSTATE (PostgreSQL documentation, Appendix A): connection exceptions, operator intervention.
const LOST_CONNECTION = /^(08|57)/;

/** A pool of exactly `size` connections that stay open. */
export function openDatabase(url, size) {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    min: size,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 5_000,
  });
  // An idle connection that breaks is replaced with the next query, which tells of its own failure.
  pool.on('error', () => {});
  return pool;
}

/** Runs a named statement on the pool, or on a client in a transaction, and gives its rows. */
export async function query(database, name, text, values) {
  try {
    const { rows } = await database.query({ name, text, values });
    return rows;
  } catch (error) {
    throw asProblem(error);
  }
}

/** Runs `work` with a client in a transaction: committed when it succeeds, rolled back when it fails. */
export async function transaction(pool, work) {
  const client = await pool.connect().catch((error) => {
    throw asProblem(error);
  });
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
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

/** A database that cannot be reached is a 503; what it says against a statement is a failure of this server. */
function asProblem(error) {
  const lost = error.code === undefined || LOST_CONNECTION.test(error.code) || error.syscall !== undefined;
  return lost ? new HttpError(503, 'The database cannot be reached.', { cause: error }) : error;
}
