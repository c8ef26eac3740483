"""A toy server for the tests of server lifecycles: right by default, wrong in the way its arguments say."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, FAULTS = int(sys.argv[1]), set(sys.argv[2:])

print("toy server starts", file=sys.stderr, flush=True)
if "exits" in FAULTS:
    print("Traceback: no module named express", file=sys.stderr, flush=True)
    sys.exit(3)
if "hangs-on-sigterm" in FAULTS:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "children" in FAULTS:
    # A child and a grandchild, as workers have them; the latter in a session of its own.
    code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)']); time.sleep(60)"
    subprocess.Popen([sys.executable, "-S", "-c", code])
if "stray" in FAULTS:
    subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"], start_new_session=True)
if "never-ready" in FAULTS:
    time.sleep(60)

requests = 0
counting = threading.Lock()


class Toy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one segment: two would wait for the client's delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        global requests
        if self.path == "/health":
            return self.answer(200, "text/plain", b"ok")
        if self.path == "/stats":
            return self.answer(200, "application/json", json.dumps(self.stats()).encode())
        with counting:
            requests += 1
        if "dies-under-load" in FAULTS and requests > 20:
            print("toy server dies", file=sys.stderr, flush=True)
            os._exit(9)
        if self.path == "/plain":
            return self.answer(200, "text/plain; charset=utf-8", b"Hello" if "wrong" in FAULTS else b"Hello, World!")
        self.answer(404, "application/problem+json", json.dumps({"status": 404}).encode())

    def stats(self):
        return {
            "processes": 2 if "two-processes" in FAULTS else 1,
            "pids": [os.getpid()],
            "gil": "none",
            "runtime": {"name": "Toy", "version": "1.2.3"},
            "requests": requests,
        }

    def answer(self, status, content_type, body):
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Toy).serve_forever()
