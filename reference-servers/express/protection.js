// Middleware against what helmet's headers do not stop: forms of other sites, and requests for other hosts.

import { HttpError } from './problems.js';

const OWN_HOSTS = new Set(['127.0.0.1', 'localhost']);
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Answers only for the hosts that this server is for. */
export function refuseForeignHosts(request, _response, next) {
  next(OWN_HOSTS.has(request.hostname) ? undefined : new HttpError(400, 'This host is not served here.'));
}

/**
 * Refuses what another site's page makes a browser send: by Fetch Metadata, and by Origin where a browser is too old for it
 * (OWASP, Cross-Site Request Forgery Prevention Cheat Sheet). What carries neither but a cookie is refused too: no browser
 * of today sends such a request.
 */
export function refuseCrossSite(request, _response, next) {
  const { cookie, origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const own = site === undefined ? origin === `http://${request.headers.host}` : site === 'same-origin' || site === 'none';
  const harmless = SAFE_METHODS.has(request.method) || (cookie === undefined && site === undefined && origin === undefined);
  next(own || harmless ? undefined : new HttpError(403, 'Another site cannot send this.'));
}
