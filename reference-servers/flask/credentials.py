"""Passwords and tokens of CONTRACT.md: scrypt of the standard library, JSON Web Tokens by PyJWT."""

import hashlib
import hmac
import os
import secrets
import time

import jwt

ISSUER = "claimbench"
ALGORITHM = "HS256"
TOKEN_SECONDS = 3_600
# A key of this process alone where none is given: its tokens end with it.
SECRET = os.environ.get("JWT_SECRET") or secrets.token_hex(32)
# An unknown user costs as much time as a wrong password.
NO_SALT = "00" * 16


def password_is_right(password: str, user: dict | None) -> bool:
    """Whether this is the password of a row of `users`; takes tens of milliseconds, without the GIL."""
    salt = bytes.fromhex(user["password_salt"] if user else NO_SALT)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=16_384, r=8, p=1, dklen=32)
    return user is not None and hmac.compare_digest(digest.hex(), user["password_hash"])


def make_token(user_id: int) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": str(user_id), "iat": now, "exp": now + TOKEN_SECONDS}
    return jwt.encode(claims, SECRET, ALGORITHM)


def user_of(authorization: str | None) -> int | None:
    """The user of a bearer token; none when it is missing, wrong or expired."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    required = {"require": ["exp", "iss", "sub"]}
    try:
        return int(jwt.decode(token, SECRET, [ALGORITHM], options=required, issuer=ISSUER)["sub"])
    except (jwt.InvalidTokenError, ValueError):
        return None
