"""Several programs that run and end together."""

import signal
import subprocess
import time

POLL_SECONDS = 0.1


def run_together(*commands: list[str]) -> int:
    """Runs them until one ends, or this process is asked to, and ends all; gives their greatest exit code or signal."""
    processes: list[subprocess.Popen] = []

    def end(*_) -> None:
        for process in processes:
            process.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    for command in commands:
        processes.append(subprocess.Popen(command))  # noqa: S603 (words of this folder's files and of server.toml)
    while all(process.poll() is None for process in processes):
        time.sleep(POLL_SECONDS)
    end()
    return max(abs(process.wait()) for process in processes)
