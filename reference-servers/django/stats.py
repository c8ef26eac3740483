"""What the server knows about itself, asked of the running process."""

import os
import platform
import sys
import sysconfig
from importlib.metadata import version

from request_count import RequestCount


def stats(server: str, framework: str, server_software: str, libraries: list[str], count: RequestCount) -> dict:
    return {
        "server": server,
        "mode": os.environ.get("CLAIMBENCH_MODE", "unknown"),
        "framework": {"name": framework, "version": version(framework)},
        "server_software": {"name": server_software, "version": version(server_software)},
        "runtime": {"name": platform.python_implementation(), "version": platform.python_version()},
        "gil": "enabled" if _gil_is_enabled() else "disabled",
        "free_threaded_build": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "pid": os.getpid(),
        "pids": count.pids(),
        "processes": int(os.environ.get("CLAIMBENCH_PROCESSES", "1")),
        "threads": int(os.environ.get("CLAIMBENCH_THREADS", "1")),
        "versions": {name: version(name) for name in libraries},
        "event_loop_delay_ms": None,
        "requests": count.total(),
    }


def _gil_is_enabled() -> bool:
    # Python 3.13 is the first that can be asked, and the first that can run without.
    return sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else True
