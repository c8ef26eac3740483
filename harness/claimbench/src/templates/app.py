"""The least server that keeps the contract of /health, /stats, /plain and /bystander; replace it with a real one."""

import json
import os
import platform
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

served = 0


def stats():
    """What the server knows of itself; see CONTRACT.md, /stats."""
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    version = {"name": "http.server", "version": platform.python_version()}
    return {
        "server": "NAME",
        "mode": "single",
        "framework": version,
        "server_software": version,
        "runtime": {"name": "CPython", "version": platform.python_version()},
        "gil": "enabled" if gil else "disabled",
        "free_threaded_build": not gil,
        "pid": os.getpid(),
        "pids": [os.getpid()],
        "processes": 1,
        "threads": 1,
        "versions": {},
        "event_loop_delay_ms": None,
        "requests": served,
    }


def problem(status, title, detail):
    """A problem document (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return status, "application/problem+json", json.dumps(body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, path):
        if path == "/health":
            return 200, "text/plain", "ok"
        if path == "/stats":
            return 200, "application/json", json.dumps(stats())
        if path == "/plain":
            return 200, "text/plain", "Hello, World!"
        if path == "/bystander":
            return 200, "application/json", json.dumps({"ok": True})
        return problem(404, "Not Found", "no such route")

    def reply(self, status, media_type, text):
        global served
        path = self.path.partition("?")[0]
        if path not in ("/health", "/stats"):
            served += 1
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(*self.answer(self.path.partition("?")[0]))

    def refuse(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.reply(*problem(405, "Method Not Allowed", "only GET is offered"))

    do_POST = do_PUT = do_PATCH = do_DELETE = refuse

    def log_message(self, *_):
        """The access log is off, as on every reference server."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
