// One module of schemas in the server and in a real browser: the same cases get the same answers on both sides.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { text } from 'node:stream/consumers';

import express from 'express';

import { body } from '../bodies.js';
import { answerProblem } from '../problems.js';
import * as schemas from '../schemas.js';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const CASES = JSON.parse(await readFile(new URL('shared-validation.json', import.meta.url), 'utf8'));
// What the page loads of the server.
const OWN = ['/schemas.js', '/texts.js'];
// Where the package that the schemas need has its files.
const ZOD = new URL(import.meta.resolve('zod'));

/** Says of each case what is wrong, or null: in the page as it stands here, without Node.js. */
const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Shared validation</title>
<script type="importmap">{ "imports": { "zod": "/zod/${ZOD.pathname.split('/').at(-1)}" } }</script>
<script type="module">
  import * as schemas from '/schemas.js';
  const cases = await (await fetch('/cases.json')).json();
  const answers = cases.map(({ schema, body }) => {
    const { error } = schemas[schema].safeParse(body);
    return error === undefined ? null : schemas.mistakes(error);
  });
  await fetch('/answers', { method: 'POST', body: JSON.stringify({ browser: navigator.userAgent, answers }) });
</script>`;

const browser = [process.env.CHROMIUM, ...BROWSERS].find(
  (name) => name !== undefined && spawnSync(name, ['--version']).status === 0,
);
const skip = browser === undefined && `no browser: put one of ${BROWSERS.join(', ')} on the PATH, or name it in CHROMIUM`;

test('the server and a browser answer alike, by the same file', { skip, timeout: 120_000 }, async (t) => {
  const inBrowser = await answersOfBrowser(t);
  const inServer = await answersOfServer(t);
  t.diagnostic(`${CASES.length} cases, in ${inBrowser.browser}`);
  assert.match(inBrowser.browser, /Chrome/);
  assert.deepEqual(inBrowser.answers, inServer);
});

test('the server answers each case as it should', async (t) => {
  const answers = await answersOfServer(t);
  const right = Object.fromEntries(CASES.map(({ name }, place) => [name, answers[place] === null]));
  assert.deepEqual(right, Object.fromEntries(CASES.map((one) => [one.name, one.right])));
});

/** What the server's own middleware says of each case. */
async function answersOfServer(t) {
  const app = express();
  for (const name of ['Login', 'NewTask', 'ChangedTask', 'Readings']) {
    app.post(`/${name}`, body(schemas[name]), (_request, response) => response.sendStatus(204));
  }
  app.use(answerProblem);
  const base = await listen(t, createServer(app));
  const headers = { 'content-type': 'application/json' };
  const answers = CASES.map(async (one) => {
    const response = await fetch(`${base}/${one.schema}`, { method: 'POST', headers, body: JSON.stringify(one.body) });
    return response.status === 204 ? null : (await response.json()).detail;
  });
  return Promise.all(answers);
}

/** What the page says of each case in a headless browser. */
async function answersOfBrowser(t) {
  const answered = Promise.withResolvers();
  const base = await listen(
    t,
    createServer((request, response) => {
      answer(request, response, answered).catch((error) => answered.reject(error));
    }),
  );
  const profile = await mkdtemp(join(tmpdir(), 'shared-validation-'));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const quiet = ['--headless=new', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
  const page = spawn(browser, [...quiet, ...sandbox, `--user-data-dir=${profile}`, base], { detached: true, stdio: 'ignore' });
  page.once('error', (error) => answered.reject(error));
  page.once('exit', (code) => answered.reject(new Error(`the browser ended with ${code}`)));
  t.after(async () => {
    if (page.exitCode === null && page.pid !== undefined) {
      process.kill(-page.pid, 'SIGKILL');
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  return answered.promise;
}

async function answer(request, response, answered) {
  const { pathname } = new URL(request.url, 'http://here');
  if (pathname === '/answers') {
    answered.resolve(JSON.parse(await text(request)));
    response.end();
  } else if (pathname === '/') {
    response.setHeader('content-type', 'text/html').end(PAGE);
  } else if (pathname === '/cases.json') {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(CASES));
  } else if (OWN.includes(pathname)) {
    await sendModule(response, new URL(`..${pathname}`, import.meta.url));
  } else if (pathname.startsWith('/zod/') && pathname.endsWith('.js')) {
    await sendModule(response, new URL(`.${pathname.slice('/zod'.length)}`, ZOD));
  } else {
    response.writeHead(404).end();
  }
}

async function sendModule(response, file) {
  response.setHeader('content-type', 'text/javascript').end(await readFile(file));
}

async function listen(t, server) {
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}
