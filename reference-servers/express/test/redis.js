// What stands for Redis in tests: it answers no more than the app's clients ask of it, and comes and goes.

import { once } from 'node:events';
import { createServer } from 'node:net';

const INFO = 'redis_version:7.2.0\r\nmaxmemory_policy:noeviction\r\n';

/** Starts it with these hashes, each an object by its key. */
export async function startRedis(hashes = {}) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (sent) => {
      for (const [name, key] of commands(sent.toString())) {
        socket.write(reply(hashes, name.toLowerCase(), key));
        if (name === 'quit') {
          socket.end();
        }
      }
    });
  });
  let port = 0;
  const start = async () => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = server.address().port;
  };
  const stop = () => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  };
  await start();
  return { url: `redis://127.0.0.1:${port}`, start, stop };
}

/** The commands in what a client sent: arrays of texts (Redis documentation, Redis serialization protocol). */
function* commands(text) {
  const lines = text.split('\r\n');
  while (lines.length > 1) {
    const words = lines.splice(0, 1 + 2 * Number(lines[0].slice(1)));
    yield words.filter((_, place) => place > 0 && place % 2 === 0);
  }
}

/** What answers a command; nothing where Redis would wait. */
function reply(hashes, name, key) {
  switch (name) {
    case 'info':
      return bulk(INFO);
    case 'hgetall':
      return list(Object.entries(hashes[key] ?? {}).flat());
    case 'evalsha': // Puts a job on the queue, and gives its number.
      return bulk('1');
    case 'psubscribe':
      return `*3\r\n${bulk(name)}${bulk(key)}:1\r\n`;
    case 'xread':
      return '';
    default:
      return '+OK\r\n';
  }
}

function bulk(text) {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

function list(texts) {
  return `*${texts.length}\r\n${texts.map(bulk).join('')}`;
}
