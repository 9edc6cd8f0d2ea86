"""A PostgreSQL cluster of our own, made for one run of the suite and removed after it.

It lies in a new folder under /var/tmp, listens on a free port of 127.0.0.1, and asks for a
password. Root starts it as the user `postgres`, for PostgreSQL refuses to run as root. A shell
waits on a pipe from this process and takes the cluster away when that closes: also after a crash.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import conninfo, sql
from sqlalchemy.engine import make_url

REAPER = 'cat > /dev/null; "$1/pg_ctl" -D "$2/data" -m immediate -w stop; rm -rf "$2"'
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB"
"""Nobody keeps what the tests write; crash tests kill our processes, not the database."""


class Server:
    """A running server on which databases can be made; `url` is its maintenance database."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self._made: set[str] = set()

    def create_database(self) -> str:
        """Make an empty database; returns its SQLAlchemy URL, password included."""
        name = f"signing_{secrets.token_hex(8)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        url = self.url.set(database=name).render_as_string(hide_password=False)
        self._made.add(url)
        return url

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = make_url(url).database or ""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        self._made.discard(url)

    def drop_remaining(self) -> None:
        """Remove what nobody has dropped: on a server that stays, nothing of ours does."""
        for url in sorted(self._made):
            self.drop_database(url)

    def _run(self, statement: sql.Composed) -> None:
        url = self.url
        where = conninfo.make_conninfo(
            host=url.host,
            port=url.port,
            user=url.username,
            password=url.password,
            dbname=url.database or "postgres",
        )
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement)


class Cluster:
    """Start with `start()`, which gives the URL; `stop()` removes every trace."""

    def __init__(self) -> None:
        self.programs = find_programs()
        self.folder = Path(tempfile.mkdtemp(prefix="signing-postgresql-", dir="/var/tmp"))
        self.owner: list[str] = []
        if os.geteuid() == 0:
            self.owner = ["runuser", "-u", "postgres", "--"]
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        reaper = ["sh", "-c", REAPER, "sh", str(self.programs), str(self.folder)]
        self.reaper = subprocess.Popen(
            [*self.owner, *reaper],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )

    def start(self) -> str:
        """Make the cluster, start it, and return the URL of its maintenance database."""
        password = secrets.token_urlsafe(16)
        self._run(["sh", "-c", 'umask 077; cat > "$1/password"', "sh", self.folder], stdin=password)
        data = ["-D", self.folder / "data"]
        access = ["-U", "postgres", "-A", "scram-sha-256", "--pwfile", self.folder / "password"]
        letters = ["-E", "UTF8", "--locale=C"]
        self._run([self.programs / "initdb", *data, "--no-sync", *letters, *access])
        port = free_port()
        options = f"{QUICK} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -p {port}"
        log = ["-l", self.folder / "log", "-o", options]
        self._run([self.programs / "pg_ctl", *data, *log, "-w", "-t", "60", "start"])
        return f"postgresql+psycopg://postgres:{password}@127.0.0.1:{port}/postgres"

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.reaper.communicate(timeout=60)

    def _run(self, command: list[str | Path], *, stdin: str = "") -> None:
        subprocess.run(
            [*self.owner, *map(str, command)],
            input=stdin.encode(),
            stdout=subprocess.DEVNULL,  # the server would hold a pipe open
            check=True,
            cwd="/",
            start_new_session=True,
        )


def find_programs() -> Path:
    """The folder with initdb and pg_ctl: of the newest version that the system has."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3])
    )
    if debian:
        return debian[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise FileNotFoundError("no PostgreSQL here: apt-get install postgresql, or TEST_DATABASE_URL")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
