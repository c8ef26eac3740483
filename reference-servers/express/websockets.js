// WebSocket: handshakes on the paths of CONTRACT.md, each path with what it does with a connection.

import { STATUS_CODES } from 'node:http';

import { WebSocketServer } from 'ws';

import { Documents } from './documents.js';
import { HttpError, problemText } from './problems.js';
import { countRequest } from './request-count.js';
import { Rooms } from './rooms.js';
import { route } from './routing.js';

const MESSAGE_BYTES_MAX = 64 * 1024;
const NAME = '([a-z0-9-]{1,64})';

/**
 * The paths that speak WebSocket, each with what joins a connection to it. Rooms and documents live in the process, so that only a server
 * of one process has them; rooms that all processes share need `sharedRooms`.
 */
export function webSocketPaths({ processes, sharedRooms }) {
  const paths = [[/^\/ws\/echo$/, echo]];
  if (processes === 1) {
    const [rooms, documents] = [new Rooms(), new Documents()];
    paths.push([new RegExp(`^/ws/rooms/${NAME}$`), (socket, name) => rooms.join(name, socket)]);
    paths.push([new RegExp(`^/ws/documents/${NAME}$`), (socket, name) => documents.join(name, socket)]);
  }
  if (sharedRooms !== undefined) {
    paths.push([new RegExp(`^/ws/shared-rooms/${NAME}$`), (socket, name) => sharedRooms.join(name, socket)]);
  }
  return paths;
}

/** Answers handshakes. Never compressed, since no server of the contract is. */
export function serveWebSockets(server, paths) {
  const handshakes = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const found = lookUp(paths, request.url);
    if (found === undefined) {
      refuse(socket, 404, 'There is no such route.');
      return;
    }
    handshakes.handleUpgrade(request, socket, head, (connection) => {
      // ws has closed it already, with the code that says why.
      connection.on('error', () => {});
      connection.on('message', countRequest);
      found.join(connection, found.name);
    });
  });
}

/** The same paths for requests that are no handshake. */
export function addUpgradeRequired(app, paths) {
  for (const [path] of paths) {
    route(app, path, {
      get: (_request, response) => {
        response.set({ Upgrade: 'websocket', Connection: 'Upgrade' });
        throw new HttpError(426, 'This route speaks WebSocket only.');
      },
    });
  }
}

function lookUp(paths, url) {
  const path = url.split('?', 1)[0];
  for (const [pattern, join] of paths) {
    const match = pattern.exec(path);
    if (match !== null) {
      return { join, name: match[1] };
    }
  }
  return undefined;
}

function echo(connection) {
  connection.on('message', (message, isBinary) => connection.send(message, { binary: isBinary }));
}

function refuse(socket, status, detail) {
  const body = problemText(status, detail);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
