// Errors as problem documents (RFC 9457).

import { STATUS_CODES } from 'node:http';

export class HttpError extends Error {
  constructor(status, detail, options) {
    super(detail, options);
    this.status = status;
    this.expose = true;
  }
}

/** A problem document as text. */
export function problemText(status, detail) {
  return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail });
}

/** Middleware behind all routes: what none of them took. */
export function notFound(_request, _response, next) {
  next(new HttpError(404, 'There is no such route.'));
}

/** Every error as a problem document. Express knows an error handler by its four parameters. */
export function answerProblem(error, _request, response, next) {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = error.status ?? 500;
  if (status === 500) {
    console.error(error);
  }
  if (status === 401) {
    response.set('WWW-Authenticate', 'Bearer');
  }
  const detail = error.expose ? error.message : 'The server failed.';
  response
    .status(status)
    .type('application/problem+json')
    .send(problemText(status, detail));
}
