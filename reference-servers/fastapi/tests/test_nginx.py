"""The configuration that nginx is started with, and what several programs that run together have in common."""

import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from behind_nginx import configuration, socket_of
from serving import uvicorn

FOLDER = Path(__file__).parent.parent
STATE = Path("/tmp/state")  # noqa: S108 (a name, and nothing there)
# Who reads what it prints hears that it runs, and the end of that when the last of several has gone.
SLEEPS = "import time; print(end='+', flush=True); time.sleep(60)"
FAILS = "raise SystemExit(3)"
TOGETHER = """
import sys
from together import run_together
sys.exit(run_together(*([sys.executable, "-c", program] for program in sys.argv[1:])))
"""
END_SECONDS = 20


def test_every_server_has_its_socket_and_nothing_listens_beyond_loopback():
    text = configuration("8123", STATE, 2)
    assert re.findall(r"server unix:(\S+) ", text) == [str(socket_of(STATE, slot)) for slot in range(2)]
    assert re.findall(r"listen (\S+)", text) == ["127.0.0.1:8123"]


def test_no_connection_is_closed_after_a_number_of_requests_of_clients_none_and_of_servers_none():
    upstream, server = configuration("8123", STATE, 1).split("listen ")
    for part in (upstream, server):
        assert "keepalive_requests 1000000000;" in part


@pytest.mark.parametrize(("uid", "first"), [(0, "user root;"), (1_000, "daemon off;")])
def test_nginx_is_the_user_who_started_it(monkeypatch, uid, first):
    monkeypatch.setattr("os.getuid", lambda: uid)
    assert configuration("8123", STATE, 1).splitlines()[0] == first


def test_a_server_beside_others_has_the_settings_of_a_single_one():
    single = tomllib.loads((FOLDER / "server.toml").read_text(encoding="utf-8"))["modes"]["single"]["command"]
    assert sorted(uvicorn("--host", "127.0.0.1", "--port", "{port}")[1:]) == sorted(single[1:])


def start(*programs):
    """A process that runs these programs together."""
    command = [sys.executable, "-c", TOGETHER, *programs]
    return subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE)  # noqa: S603 (fixed words)


@pytest.mark.parametrize("programs", [(SLEEPS, FAILS), (FAILS, SLEEPS)])
def test_when_one_program_ends_all_do(programs):
    process = start(*programs)
    process.communicate(timeout=END_SECONDS)
    assert process.returncode != 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_programs_that_run_together_are_asked_to_end_together(number):
    process = start(SLEEPS, SLEEPS)
    assert process.stdout.read(2) == b"++"
    process.send_signal(number)
    process.communicate(timeout=END_SECONDS)
    assert process.returncode == signal.SIGTERM
