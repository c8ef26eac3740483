// The route of CONTRACT.md under /events: server-sent events with known gaps between them.

import { countRequest } from './request-count.js';
import { HttpError } from './problems.js';
import { route, wholeNumber } from './routing.js';

export function addEventRoute(app) {
  route(app, '/events', { get: answerEvents });
}

function answerEvents(request, response) {
  const count = wholeNumber(request, 'count', 0, 1_000_000);
  const gapMs = wholeNumber(request, 'gap_ms', 0, 10_000);
  if (count === 0 && gapMs === 0) {
    throw new HttpError(400, 'A stream without end needs a gap between its events.');
  }
  // It counts now, not when it ends: it may have no end.
  response.off('finish', countRequest);
  countRequest();
  response.type('text/event-stream').flushHeaders();
  sendEvents(response, count, gapMs);
}

/** Event n is due n gaps after the request, so that no delay adds up. */
function sendEvents(response, count, gapMs) {
  const start = performance.now();
  let [sent, timer] = [0, undefined];
  response.on('close', () => clearTimeout(timer));

  function goOn() {
    const due = gapMs === 0 ? count : Math.floor((performance.now() - start) / gapMs);
    const last = count === 0 ? due : Math.min(due, count);
    while (sent < last) {
      sent += 1;
      if (!response.write(`id: ${sent}\ndata: event ${sent}\n\n`)) {
        // The client is behind: on with it once it has read what was sent.
        response.once('drain', goOn);
        return;
      }
    }
    if (sent === count && count > 0) {
      response.end();
      return;
    }
    timer = setTimeout(goOn, Math.max(0, start + (sent + 1) * gapMs - performance.now()));
  }
  goOn();
}
