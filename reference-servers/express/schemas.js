// The bodies of CONTRACT.md's requests, as zod checks them. It needs nothing of Node.js: a browser loads this very file and `texts.js`, as
// `test/shared-validation.test.js` shows.

import { z } from 'zod';

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

/** What zod found wrong, in one line. */
export function mistakes(error) {
  return error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
}
