"""`signing serve`: the service under gunicorn, with a keeper thread per process for jobs.

Rules kept here: with SQLite there is one process (D11: one writer); every process opens its own
keys and database after the fork, because neither survives one.
"""

import socket
from collections.abc import Sequence
from typing import Any

from gunicorn.app.base import BaseApplication

from signing.app import Application, create_application
from signing.cli.main import parser
from signing.config import Config
from signing.errors import Rejected
from signing.web.logs import configure

THREADS = 8


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told what to serve."""

    def __init__(self, config: Config, options: dict[str, Any]) -> None:
        self._config = config
        self._options = options
        self._application: Application | None = None
        super().__init__()

    def load_config(self) -> None:
        """Our options over gunicorn's defaults."""
        for name, value in self._options.items():
            self.cfg.set(name, value)
        self.cfg.set("worker_exit", self._stop)

    def load(self) -> Any:
        """In the worker process: build everything, start the keeper."""
        configure()
        self._application = create_application(self._config)
        self._application.keeper.start()
        return self._application.flask

    def _stop(self, _server: Any, _worker: Any) -> None:
        if self._application is not None:
            self._application.close()


def main(argv: Sequence[str]) -> int:
    """Serve until stopped."""
    arguments = parser("serve", "启动服务 · the service under gunicorn")
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8000)
    arguments.add_argument("--workers", type=int, default=1)
    options = arguments.parse_args(argv[1:])
    config = Config.from_env()
    if options.workers > 1 and config.database_url.startswith("sqlite"):
        raise Rejected(
            "SQLite serves one process: use --workers 1, or PostgreSQL",
            "SQLite 只能一个进程：请用 --workers 1，或改用 PostgreSQL",
            code="ONE_WRITER",
        )
    check_port(options.host, options.port)
    serve(config, host=options.host, port=options.port, workers=options.workers)
    return 0


def serve(config: Config, *, host: str, port: int, workers: int = 1) -> None:
    """Run gunicorn in this process; returns when it was told to stop."""
    Server(
        config,
        {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 20,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "limit_request_line": 2048,
            "proc_name": "signing",
        },
    ).run()


def check_port(host: str, port: int) -> None:
    """Raises Rejected if somebody listens there already: better now than after five retries."""
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        raise Rejected(
            f"{host}:{port} cannot be used: {error.strerror}; choose another with --port",
            f"{host}:{port} 用不了，多半已经有程序占着：请用 --port 换一个端口",
            code="PORT_TAKEN",
        ) from error


def free_port(host: str = "127.0.0.1") -> int:
    """A port that is free now."""
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])
