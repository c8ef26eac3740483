// The bodies of CONTRACT.md's requests: JSON, read by Express and checked by zod.

import express from 'express';
import { z } from 'zod';

import { HttpError } from './problems.js';
import { isShortText } from './texts.js';

const shortText = z.string().refine(isShortText, 'must have 1 to 200 whole characters, none of them zero');
const priority = z.int().min(1).max(5);

export const Login = z.strictObject({ email: shortText, password: shortText });
export const NewTask = z.strictObject({ title: shortText, priority });
export const ChangedTask = z.strictObject({ title: shortText, priority, done: z.boolean() });
export const Readings = z.strictObject({
  device: z.string().regex(/^[a-z0-9-]{1,64}$/),
  readings: z
    .array(z.strictObject({ at_ms: z.int().min(0), celsius: z.number().min(-1_000).max(1_000) }))
    .min(1)
    .max(100),
});

const readJson = express.json({ limit: '64kb', strict: false });

/** Middleware that puts the body, as its schema describes it, into `request.body`; or answers 400, 413 or 415. */
export function body(schema) {
  return [
    requireJson,
    readJson,
    (request, _response, next) => {
      const { success, data, error } = schema.safeParse(request.body);
      if (!success) {
        throw new HttpError(400, error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '));
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
