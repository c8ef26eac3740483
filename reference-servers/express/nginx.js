// nginx in front of several single-process servers, each on a socket of its own.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

// nginx has no word for it.
const NO_LIMIT = 1_000_000_000;

/** The socket of one of the servers. */
export function socketOf(state, slot) {
  return join(state, `server-${slot}.sock`);
}

/** Starts nginx; without it nothing is served, so that this process ends with it, unless both were asked to. */
export function startNginx({ program, port, state, servers }) {
  const file = join(state, 'nginx.conf');
  writeFileSync(file, configuration({ port, state, servers }));
  const nginx = spawn(program, ['-p', state, '-e', 'stderr', '-c', file], { stdio: 'inherit' });
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      stopping = true;
      nginx.kill('SIGTERM');
    });
  }
  nginx.on('error', (error) => end(error.message));
  nginx.on('exit', (code, signal) => stopping || end(signal ?? `exit code ${code}`));
}

function end(how) {
  console.error(`nginx ended (${how})`);
  process.exit(1);
}

/** The reasons are in server.toml. */
export function configuration({ port, state, servers }) {
  const { uid, username } = userInfo();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${join(state, name)};`);
  const upstream = Array.from({ length: servers }, (_, slot) => `    server unix:${socketOf(state, slot)} max_fails=0;`);
  return [
    ...(uid === 0 ? [`user ${username};`] : []),
    'daemon off;',
    'worker_processes 1;',
    `pid ${join(state, 'nginx.pid')};`,
    // Twice as many as clients: each may have one to a server too.
    'events { worker_connections 20000; }',
    'http {',
    '  access_log off;',
    "  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }",
    ...temporary,
    '  upstream servers {',
    ...upstream,
    '    keepalive 64;',
    `    keepalive_requests ${NO_LIMIT};`,
    '  }',
    '  server {',
    `    listen 127.0.0.1:${port} backlog=2048;`,
    '    keepalive_timeout 65s;',
    `    keepalive_requests ${NO_LIMIT};`,
    '    location / {',
    '      proxy_pass http://servers;',
    '      proxy_http_version 1.1;',
    '      proxy_set_header Upgrade $http_upgrade;',
    '      proxy_set_header Connection $connection_upgrade;',
    '      proxy_buffering off;',
    '      proxy_request_buffering off;',
    '      client_max_body_size 0;',
    '      proxy_set_header Host $http_host;',
    '    }',
    '  }',
    '}',
    '',
  ].join('\n');
}
