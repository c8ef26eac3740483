// Texts that their members write together: each edit gets its number from the server, and all members get all edits in that order.

import { broadcast, Rooms } from './rooms.js';

const LENGTH_MAX = 65_536;
const EDIT = /^(\d{1,9}) (\d{1,9}) ([ -~]{0,1024})$/;
const POLICY_VIOLATION = 1008;
const UNSUPPORTED_DATA = 1003;

export class Documents {
  #rooms = new Rooms();
  #documents = new Map();

  join(name, connection) {
    const members = this.#rooms.add(name, connection);
    let document = this.#documents.get(name);
    if (document === undefined) {
      document = { number: 0, text: '' };
      this.#documents.set(name, document);
    }
    connection.on('close', () => {
      if (members.size === 0 && this.#documents.get(name) === document) {
        this.#documents.delete(name);
      }
    });
    connection.send(`document ${digits(document.number)} ${document.text}`);
    connection.on('message', (message, isBinary) => {
      if (isBinary) {
        connection.close(UNSUPPORTED_DATA);
        return;
      }
      const edit = EDIT.exec(message.toString());
      if (edit === null) {
        connection.close(POLICY_VIOLATION, 'No edit: AT DELETE TEXT.');
        return;
      }
      const [written, at, deleted, inserted] = edit;
      document.number += 1;
      document.text = edited(document.text, Number(at), Number(deleted), inserted);
      broadcast(members, `edit ${digits(document.number)} ${written}`, false);
    });
  }
}

/** A text after an edit. What lies beyond its end counts as the end, and no text grows beyond its greatest length. */
export function edited(text, at, deleted, inserted) {
  return (text.slice(0, at) + inserted + text.slice(at + deleted)).slice(0, LENGTH_MAX);
}

function digits(number) {
  return String(number).padStart(10, '0');
}
