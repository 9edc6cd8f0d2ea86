"""Rendering processes: started when needed, killed when late, replaced when old or dead.

Rules kept here:
* one document at a time per process; a thread borrows a process and gives it back;
* no document takes longer than `DEADLINE_SECONDS`: the process is killed, the caller told;
* a process that died by a signal or a limit is an answer too (Broken), never tried again by itself;
* a process that served `RECYCLE_AFTER` documents is replaced, so that no leak adds up.
"""

import os
import queue
import select
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import signing
from signing.errors import Broken
from signing.rendering import frames

DEADLINE_SECONDS = 20.0
START_SECONDS = 60.0
RECYCLE_AFTER = 20_000


@dataclass(frozen=True)
class Limits:
    """How a process is run: seconds per document, documents until it is replaced, PDF tags.

    `program` is the module that it runs.
    """

    deadline: float = DEADLINE_SECONDS
    recycle_after: int = RECYCLE_AFTER
    tags: bool = False
    program: str = "signing.rendering.child"


class Worker:
    """One process and the two pipes to it."""

    def __init__(self, templates: Path, fonts: Path, limits: Limits) -> None:
        self.served = 0
        self._limits = limits
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", limits.program, str(templates), str(fonts)),
                *(["tags"] if limits.tags else []),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        try:
            self.coverage = self._greet()
        except Exception:
            self.kill()
            raise

    def _greet(self) -> list[list[int]]:
        """Coverage of the fonts, first and last code point of each run."""
        greeting, _ = self._read(START_SECONDS)
        if "error" in greeting:
            raise frames.error_of(greeting)
        coverage: list[list[int]] = greeting["coverage"]
        return coverage

    def ask(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Send a request and wait. Raises Broken where the process is late or dies."""
        self.served += 1
        try:
            frames.write(_pipe(self._process.stdin), request)
        except OSError as error:
            raise self._death() from error
        return self._read(self._limits.deadline)

    @property
    def process_id(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def is_worn(self) -> bool:
        """Whether it served its share."""
        return self.served >= self._limits.recycle_after

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._close()

    def dismiss(self) -> None:
        """Let the process end by itself: its input is over."""
        _pipe(self._process.stdin).close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                _pipe(pipe).close()
            except BrokenPipeError:
                continue
        self._process.wait()

    def _read(self, seconds: float) -> tuple[dict[str, Any], bytes]:
        deadline = time.monotonic() + seconds
        descriptor = _pipe(self._process.stdout).fileno()

        def take(size: int) -> bytes:
            parts, left = [], size
            while left:
                ready, _, _ = select.select([descriptor], [], [], deadline - time.monotonic())
                if not ready:
                    raise Broken(
                        f"rendering took longer than {seconds:g} s",
                        "合同文件生成超时，请减少内容后再试",
                        code="RENDER_TIMEOUT",
                    )
                part = os.read(descriptor, min(left, 1 << 20))
                if not part:
                    break
                parts.append(part)
                left -= len(part)
            return b"".join(parts)

        message = frames.read(take)
        if message is None:
            raise self._death()
        return message

    def _death(self) -> Broken:
        code = self._process.wait(timeout=5)
        return Broken(
            f"the rendering process ended with {code}",
            "合同文件生成失败，请联系服务方",
            code="RENDER_DIED",
        )


class Pool:
    """At most `size` processes, shared by all threads of the service."""

    def __init__(
        self, templates: Path, fonts: Path, *, size: int, limits: Limits | None = None
    ) -> None:
        self._start = partial(Worker, templates, fonts, limits or Limits())
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(None)
        self._finalizer = weakref.finalize(self, _dismiss_all, self._idle)

    def ask(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Header and blob of the answer; errors of the other side are raised here."""
        with self.borrowed() as worker:
            header, blob = worker.ask(request)
        if "error" in header:
            raise frames.error_of(header)
        return header, blob

    def borrowed(self) -> "_Loan":
        """A worker for a `with` block; a block that raises costs the worker its life."""
        return _Loan(self._idle, self._start)

    def close(self) -> None:
        """End all processes that are idle."""
        _dismiss_all(self._idle)


class _Loan:
    """Takes a worker out and gives it back, or an empty place if it must not serve again."""

    def __init__(self, idle: "queue.LifoQueue[Worker | None]", start: Callable[[], Worker]) -> None:
        self._idle = idle
        self._start = start
        self._worker: Worker | None = None

    def __enter__(self) -> Worker:
        worker = self._idle.get()
        if worker is None:
            try:
                worker = self._start()
            except BaseException:
                self._idle.put(None)
                raise
        self._worker = worker
        return worker

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        if kind is not None:
            worker.kill()
            worker = None
        elif worker.is_worn:
            worker.dismiss()
            worker = None
        self._idle.put(worker)


def _dismiss_all(idle: "queue.LifoQueue[Worker | None]") -> None:
    places = 0
    while True:
        try:
            worker = idle.get_nowait()
        except queue.Empty:
            break
        places += 1
        if worker is not None:
            worker.dismiss()
    for _ in range(places):
        idle.put(None)


def _environment() -> dict[str, str]:
    """What the process needs and nothing of ours: no keys, no settings, no locale."""
    source = str(Path(signing.__file__).resolve().parent.parent)
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": source, "TZ": "UTC"}


def _pipe(pipe: Any) -> Any:
    if pipe is None:
        raise Broken("a rendering process without pipes")
    return pipe
