// How many requests this process has answered, whatever their status.

let requests = 0;

/** Counts one; WebSocket counts messages, and events count when they begin. */
export function countRequest() {
  requests += 1;
}

export function requestCount() {
  return requests;
}

/** Express middleware: counts each answer from here on, once it is sent. */
export function countRequests(_request, response, next) {
  response.once('finish', countRequest);
  next();
}
