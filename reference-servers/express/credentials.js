// Passwords and tokens of CONTRACT.md: scrypt of node:crypto, JSON Web Tokens by jose.

import { createSecretKey, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

import { jwtVerify, SignJWT } from 'jose';

import { HttpError } from './problems.js';

export const TOKEN_SECONDS = 3_600;

const ISSUER = 'claimbench';
const ALGORITHM = 'HS256';
const VERIFY = { algorithms: [ALGORITHM], issuer: ISSUER, requiredClaims: ['exp', 'sub'] };
const SCRYPT = { N: 16_384, r: 8, p: 1 };
const HASH_BYTES = 32;
// A key of this process alone where none is given: its tokens end with it.
const SECRET = createSecretKey(Buffer.from(process.env.JWT_SECRET ?? randomBytes(32).toString('hex')));
// An unknown user costs as much time as a wrong password.
const NOBODY = { password_salt: '00'.repeat(16), password_hash: '00'.repeat(HASH_BYTES) };

const derive = promisify(scrypt);

/** Whether this is the password of a row of `users`; takes tens of milliseconds, off the event loop. */
export async function passwordIsRight(password, user) {
  const { password_salt: salt, password_hash: hash } = user ?? NOBODY;
  const digest = await derive(password, Buffer.from(salt, 'hex'), HASH_BYTES, SCRYPT);
  return timingSafeEqual(digest, Buffer.from(hash, 'hex')) && user !== undefined;
}

export function makeToken(userId) {
  return new SignJWT()
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setSubject(String(userId))
    .setIssuedAt()
    .setExpirationTime(`${TOKEN_SECONDS}s`)
    .sign(SECRET);
}

/** Middleware: puts the user whose bearer token comes along into `request.user`, or answers 401. */
export async function authenticate(request, _response, next) {
  const [scheme, token] = (request.get('Authorization') ?? '').split(' ', 2);
  try {
    if (scheme.toLowerCase() !== 'bearer') {
      throw new Error('no bearer token');
    }
    const { payload } = await jwtVerify(token, SECRET, VERIFY);
    request.user = Number(payload.sub);
  } catch (cause) {
    throw new HttpError(401, 'A valid token is needed.', { cause });
  }
  next();
}
