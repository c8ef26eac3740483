// The routes of CONTRACT.md under /mobile: login by password, then a user's own tasks.

import { body } from './bodies.js';
import { authenticate, makeToken, passwordIsRight, TOKEN_SECONDS } from './credentials.js';
import { query } from './database.js';
import { HttpError } from './problems.js';
import { route, wholeNumber } from './routing.js';
import { ChangedTask, Login, NewTask } from './schemas.js';

const TASK = 'id::integer, title, priority, done';

export function addMobileRoutes(app, database) {
  route(app, '/mobile/login', { post: [body(Login), login] });
  route(app, '/mobile/tasks', { get: [authenticate, listTasks], post: [authenticate, body(NewTask), makeTask] });
  route(app, '/mobile/tasks/:id', {
    get: [authenticate, getTask],
    put: [authenticate, body(ChangedTask), changeTask],
    delete: [authenticate, removeTask],
  });

  async function login(request, response) {
    const { email, password } = request.body;
    const text = 'SELECT id, password_salt, password_hash FROM users WHERE email = $1';
    const [user] = await query(database, 'login', text, [email]);
    if (!(await passwordIsRight(password, user))) {
      throw new HttpError(401, 'The user or the password is wrong.');
    }
    response.json({ token: await makeToken(user.id), expires_in: TOKEN_SECONDS });
  }

  async function listTasks(request, response) {
    const after = wholeNumber(request, 'after', 0, 999_999_999, 0);
    const limit = wholeNumber(request, 'limit', 1, 100, 20);
    const text = `SELECT ${TASK} FROM tasks WHERE owner_id = $1 AND tasks.id > $2 ORDER BY tasks.id LIMIT $3`;
    // One more than asked for tells whether there is a next page.
    const found = await query(database, 'list-tasks', text, [request.user, after, limit + 1]);
    const tasks = found.slice(0, limit);
    response.json({ tasks, next: found.length > limit ? tasks.at(-1).id : null });
  }

  async function makeTask(request, response) {
    const { title, priority } = request.body;
    const text = `INSERT INTO tasks (owner_id, title, priority, done) VALUES ($1, $2, $3, false) RETURNING ${TASK}`;
    const [task] = await query(database, 'make-task', text, [request.user, title, priority]);
    response.status(201).location(`/mobile/tasks/${task.id}`).json(task);
  }

  async function getTask(request, response) {
    const text = `SELECT ${TASK} FROM tasks WHERE id = $1 AND owner_id = $2`;
    response.json(await ownTask('get-task', text, [taskId(request), request.user]));
  }

  async function changeTask(request, response) {
    const { title, priority, done } = request.body;
    const text = `UPDATE tasks SET title = $3, priority = $4, done = $5 WHERE id = $1 AND owner_id = $2 RETURNING ${TASK}`;
    response.json(await ownTask('change-task', text, [taskId(request), request.user, title, priority, done]));
  }

  async function removeTask(request, response) {
    const text = 'DELETE FROM tasks WHERE id = $1 AND owner_id = $2 RETURNING id';
    await ownTask('remove-task', text, [taskId(request), request.user]);
    response.status(204).end();
  }

  /** The one row that a statement gives, or a 404. */
  async function ownTask(name, text, values) {
    const [task] = await query(database, name, text, values);
    if (task === undefined) {
      throw new HttpError(404, 'There is no such task.');
    }
    return task;
  }
}

/** The number in the path; what is none is no task either. */
function taskId(request) {
  if (!/^\d{1,9}$/.test(request.params.id)) {
    throw new HttpError(404, 'There is no such task.');
  }
  return Number(request.params.id);
}
