// Rooms over all processes of a server: each passes its members' messages to the others by way of Redis (publish and subscribe).

import { Redis } from 'ioredis';

import { broadcast, Rooms } from './rooms.js';

const CHANNEL = 'room:';
const INTERNAL_ERROR = 1011;
// The first byte of what is published says what the message was.
const TEXT = Buffer.from('t');
const BINARY = Buffer.from('b');

/** Rooms on a Redis; ready once this process hears the others, and they hear it. */
export async function openSharedRooms(redisUrl) {
  // Where Redis is gone a message must not wait for its return, or all of them would fill the memory.
  const publisher = new Redis(redisUrl, { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  const subscriber = new Redis(redisUrl);
  const rooms = new Rooms();
  for (const client of [publisher, subscriber]) {
    client.on('error', (error) => console.error(error));
  }
  subscriber.on('pmessageBuffer', (_pattern, channel, message) => {
    const name = channel.toString().slice(CHANNEL.length);
    broadcast(rooms.members(name), message.subarray(1), message[0] === BINARY[0]);
  });
  // One subscription a process, not one a room: none can be missed between two members.
  await subscriber.psubscribe(`${CHANNEL}*`);
  await publisher.connect();

  return {
    join(name, connection) {
      rooms.add(name, connection);
      connection.on('message', (message, isBinary) => {
        publisher.publish(CHANNEL + name, Buffer.concat([isBinary ? BINARY : TEXT, message])).catch(() => {
          // Nobody got it: the member learns that by losing its place.
          connection.close(INTERNAL_ERROR);
        });
      });
    },

    /** Ends the connections to Redis. */
    close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
