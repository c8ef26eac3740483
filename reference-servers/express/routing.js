// How routes are declared, and how their parameters are read.

import { HttpError } from './problems.js';
import { isShortText } from './texts.js';

/**
 * A path with its handlers by method, `{ get: handler, post: [parseBody, handler] }`; it says what it takes when asked
 * otherwise.
 */
export function route(app, path, handlers) {
  const declared = app.route(path);
  for (const [method, handler] of Object.entries(handlers)) {
    declared[method](handler);
  }
  const allowed = Object.keys(handlers).map((method) => method.toUpperCase());
  declared.all((_request, response, next) => {
    response.set('Allow', allowed.includes('GET') ? ['HEAD', ...allowed].join(', ') : allowed.join(', '));
    next(new HttpError(405, 'The method is not allowed for this route.'));
  });
}

/** A parameter of the query as a whole number within its bounds, or a 400. */
export function wholeNumber(request, name, low, high, whenMissing) {
  const text = request.query[name];
  if (text === undefined && whenMissing !== undefined) {
    return whenMissing;
  }
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= low && value <= high) {
    return value;
  }
  throw new HttpError(400, `${name} must be a whole number from ${low} to ${high}.`);
}

/** A parameter of the query as a text of 1 to 200 characters, or a 400. */
export function shortText(request, name) {
  const text = request.query[name];
  if (isShortText(text)) {
    return text;
  }
  throw new HttpError(400, `${name} must be a text of 1 to 200 characters.`);
}
