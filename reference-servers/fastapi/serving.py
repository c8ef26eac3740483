"""The command that serves the app, for what starts more beside it; the reasons are in server.toml."""

import sys

WORDS = "--loop uvloop --http httptools --no-access-log --log-level warning"
SOCKETS = "--ws websockets-sansio --ws-per-message-deflate false --ws-max-size 65536"
LIMITS = "--timeout-keep-alive 65 --timeout-graceful-shutdown 1"


def uvicorn(*listening: str) -> list[str]:
    """One uvicorn process; `listening` are the options that say where."""
    return [sys.executable, "-m", "uvicorn", "app:app", *listening, *f"{WORDS} {SOCKETS} {LIMITS}".split()]
