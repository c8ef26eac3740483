"""Starts uvicorn processes and nginx in front, and ends all when one ends: `behind_nginx.py PORT WORKERS NGINX`."""

import os
import pwd
import sys
import tempfile
from pathlib import Path

from serving import uvicorn
from together import run_together

# nginx has no word for it.
NO_LIMIT = 1_000_000_000
TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]


def socket_of(state: Path, slot: int) -> Path:
    """The socket of one of the servers."""
    return state / f"server-{slot}.sock"


def configuration(port: str, state: Path, servers: int) -> str:
    """What nginx is told, line by line as in front of Express; the reasons are in server.toml."""
    lines = [
        # Else its worker would be another user, who may not reach the sockets.
        *([f"user {pwd.getpwuid(0).pw_name};"] if os.getuid() == 0 else []),
        "daemon off;",
        "worker_processes 1;",
        f"pid {state / 'nginx.pid'};",
        # Twice as many as clients: each may have one to a server too.
        "events { worker_connections 20000; }",
        "http {",
        "  access_log off;",
        "  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }",
        *(f"  {name}_temp_path {state / name};" for name in TEMPORARY),
        "  upstream servers {",
        *(f"    server unix:{socket_of(state, slot)} max_fails=0;" for slot in range(servers)),
        "    keepalive 64;",
        f"    keepalive_requests {NO_LIMIT};",
        "  }",
        "  server {",
        f"    listen 127.0.0.1:{port} backlog=2048;",
        "    keepalive_timeout 65s;",
        f"    keepalive_requests {NO_LIMIT};",
        "    location / {",
        "      proxy_pass http://servers;",
        "      proxy_http_version 1.1;",
        "      proxy_set_header Upgrade $http_upgrade;",
        "      proxy_set_header Connection $connection_upgrade;",
        "      proxy_buffering off;",
        "      proxy_request_buffering off;",
        "      client_max_body_size 0;",
        "      proxy_set_header Host $http_host;",
        "    }",
        "  }",
        "}",
    ]
    return "\n".join([*lines, ""])


def main(port: str, workers: str, nginx: str) -> int:
    state, servers = Path(os.environ.get("CLAIMBENCH_STATE", tempfile.gettempdir())), int(workers)
    file = state / "nginx.conf"
    file.write_text(configuration(port, state, servers))
    return run_together(
        *(uvicorn("--uds", str(socket_of(state, slot))) for slot in range(servers)),
        [nginx, "-p", str(state), "-e", "stderr", "-c", str(file)],
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
