// The route of CONTRACT.md under /pages: a form, as a page in a browser sends it.

import express from 'express';

import { HttpError } from './problems.js';
import { route } from './routing.js';
import { hasCharacters } from './texts.js';

const SESSION = /(?:^|;\s*)session=claimbench(?:;|$)/;

export function addPageRoutes(app) {
  route(app, '/pages/profile', {
    post: [
      express.urlencoded({ extended: false, limit: '64kb' }),
      (request, response) => {
        if (!SESSION.test(request.headers.cookie ?? '')) {
          throw new HttpError(401, 'A session is needed.');
        }
        const nickname = request.body?.nickname;
        if (!hasCharacters(nickname, 1, 50)) {
          throw new HttpError(400, 'nickname must be a text of 1 to 50 characters.');
        }
        response.json({ nickname });
      },
    ],
  });
}
