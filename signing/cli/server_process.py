"""The real service as a child process, for the demo: started, waited for, stopped."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from signing.cli.serve import free_port
from signing.errors import Broken

START_SECONDS = 60


@contextmanager
def running_server(home: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """The base URL of a service whose data lie under `home`. Raises Broken if it does not start."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        **settings,
        "SIGNING_HOME": str(home),
        "SIGNING_PUBLIC_URL": url,
    }
    log = home / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "signing.cli.main", "serve", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, url, log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urlopen(f"{url}/readyz", timeout=5):  # noqa: S310 - our own server
                return
        except URLError:
            time.sleep(0.1)
    tail = log.read_text("utf-8", "replace")[-2000:]
    raise Broken(f"The service did not start; {log} ends with:\n{tail}", "服务没有启动起来")
