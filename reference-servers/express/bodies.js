// Bodies of requests: JSON, read by Express and checked by a schema.

import express from 'express';

import { HttpError } from './problems.js';
import { mistakes } from './schemas.js';

const readJson = express.json({ limit: '64kb', strict: false });

/** Middleware that puts the body, as its schema describes it, into `request.body`; or answers 400, 413 or 415. */
export function body(schema) {
  return [
    requireJson,
    readJson,
    (request, _response, next) => {
      const { success, data, error } = schema.safeParse(request.body);
      if (!success) {
        throw new HttpError(400, mistakes(error));
      }
      request.body = data;
      next();
    },
  ];
}

function requireJson(request, _response, next) {
  if (!request.is('application/json')) {
    throw new HttpError(415, 'The body must be application/json.');
  }
  next();
}
