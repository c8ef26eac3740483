// Rooms of a chat: what one member sends, everyone in the room receives, its sender too.

// Whoever is so far behind is disconnected, so that nobody's messages fill the memory.
const BEHIND_BYTES_MAX = 1024 * 1024;

export class Rooms {
  #members = new Map();

  join(name, connection) {
    const members = this.add(name, connection);
    connection.on('message', (message, isBinary) => broadcast(members, message, isBinary));
  }

  /** Makes a connection a member until it ends, and gives all members of the room. */
  add(name, connection) {
    let members = this.#members.get(name);
    if (members === undefined) {
      members = new Set();
      this.#members.set(name, members);
    }
    members.add(connection);
    connection.on('close', () => {
      members.delete(connection);
      if (members.size === 0 && this.#members.get(name) === members) {
        this.#members.delete(name);
      }
    });
    return members;
  }

  /** The members of a room; none where nobody is there. */
  members(name) {
    return this.#members.get(name) ?? [];
  }
}

export function broadcast(members, message, isBinary) {
  for (const member of members) {
    if (member.bufferedAmount > BEHIND_BYTES_MAX) {
      member.terminate();
    } else {
      member.send(message, { binary: isBinary });
    }
  }
}
