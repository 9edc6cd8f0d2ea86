"""What a person sees while setting up: one moving line, or the end of the log when it fails.

All output of the commands goes to `build/setup.log`.
"""

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "build" / "setup.log"
SECONDS_BETWEEN_LINES = 5  # where the output is a file


class Impossible(Exception):
    """Setting up cannot go on; the text is one line for a person.

    Exit code 2: a person has to do something first. 1: a command failed.
    """

    def __init__(self, text: str, *, exit_code: int = 2) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def say(text: str) -> None:
    """One line for whoever waits."""
    print(f"setup: {text}", flush=True)


def run(
    command: Sequence[str],
    *,
    step: str = "",
    total: Callable[[str], int] = lambda _: 0,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a command into the log; a line that matches `step` names the next thing on the screen.

    `total` finds in the output so far how many steps there will be (0: not known).
    Raises Impossible, with the end of the output on the screen, if the command fails.
    """
    LOG.parent.mkdir(exist_ok=True)
    lines = [f"$ {shlex.join(command)}\n"]
    progress = Progress()
    with (
        LOG.open("a") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment,
        ) as process,
    ):
        log.write(lines[0])
        for line in process.stdout or ():
            log.write(line)
            lines.append(line)
            if step and (found := re.match(step, line)):
                progress.advance(found[1], lambda: total("".join(lines)))
    progress.close()
    if process.returncode != 0:
        sys.stderr.write("".join(lines[-15:]))
        raise Impossible(f"failed: {shlex.join(command[:4])} … (all of it: {LOG})", exit_code=1)


class Progress:
    """A counter on one line of a terminal; in a file, a line now and then."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self.terminal = sys.stdout.isatty()
        self.started = self.shown = time.monotonic()

    def advance(self, name: str, total: Callable[[], int]) -> None:
        """One step further, at `name`."""
        self.done += 1
        self.total = self.total or total()
        count = f"{self.done}/{max(self.total, self.done)}" if self.total else str(self.done)
        if self.terminal:
            print(f"\r       {count} {name:<50.50}", end="", flush=True)
        elif time.monotonic() - self.shown > SECONDS_BETWEEN_LINES:
            print(f"       {count} {name}", flush=True)
            self.shown = time.monotonic()

    def close(self) -> None:
        """Say how long it took, if there was anything to wait for."""
        seconds = time.monotonic() - self.started
        if self.terminal and self.done:
            print(f"\r{'':<75}\r", end="")
        if self.done or seconds > 1:
            print(f"       done in {seconds:.0f} s", flush=True)
