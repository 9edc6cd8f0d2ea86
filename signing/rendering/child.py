"""The rendering process: reads documents from its standard input, writes files to its output.

Rules kept here:
* limits before anything else: address space, processor time per document, open files, no core,
  and no network where the kernel lets a process leave it;
* WeasyPrint is imported here and nowhere in the service's own process;
* an error is an answer; only a signal or a limit ends the process, and the parent then knows why.

Run as `python -m signing.rendering.child TEMPLATES FONTS [tags]`.
"""

import ctypes
import os
import resource
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from signing.rendering import frames
from signing.rendering.fontconfig import configure

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 30
OPEN_FILES = 64
_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000  # CLONE_NEWNET, CLONE_NEWUSER of sched.h


def main(start: Callable[..., Any] | None = None) -> None:
    """Serve until the input ends; `start` makes the press from templates, fonts and `tags`."""
    templates, fonts = Path(sys.argv[1]), Path(sys.argv[2])
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not speak into the protocol
    _leave_the_network()
    _limit()
    make = partial(start or _press, templates, fonts, tags="tags" in sys.argv[3:])
    serve(sys.stdin.buffer, output, make)


def _leave_the_network() -> None:
    """Go into a network namespace of our own, empty, where the kernel lets us; else go on.

    Nothing here asks for the network (`closed`); this is for what we did not think of. Who is not
    root needs a user namespace for it, which some systems refuse.
    """
    try:
        unshare = ctypes.CDLL(None).unshare
    except (OSError, AttributeError):  # not Linux
        return
    if unshare(_NEW_NETWORK) != 0:
        unshare(_NEW_USER | _NEW_NETWORK)


def _limit() -> None:
    for kind, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        if hard == resource.RLIM_INFINITY or hard >= value:
            resource.setrlimit(kind, (value, value))


def _grant_cpu() -> None:
    """Allow so much more processor time for the next document."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard == resource.RLIM_INFINITY or hard >= soft:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def serve(requests: BinaryIO, answers: BinaryIO, start: Callable[[], Any]) -> None:
    """Greet with the coverage of the fonts or with what is wrong, then answer each request."""
    try:
        press = start()
    except Exception as error:  # noqa: BLE001 - every failure is an answer
        frames.write(answers, frames.error_header(error))
        return
    frames.write(answers, {"coverage": press.coverage_ranges()})
    while (message := frames.read(requests.read)) is not None:
        _grant_cpu()
        header, blob = _answer(press, message[0])
        frames.write(answers, header, blob)


def _press(templates: Path, fonts: Path, *, tags: bool) -> Any:
    """Import late: fontconfig reads its configuration when WeasyPrint is imported."""
    os.environ["FONTCONFIG_FILE"] = str(configure(fonts))
    from signing.rendering.press import Press  # noqa: PLC0415 - see above

    press = Press(templates, fonts, tags=tags)
    press.warm_up()
    return press


def _answer(press: Any, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Header and blob for one request: a `document` to print or `facts` to report."""
    try:
        if "facts" in request:
            return {}, press.print_report(request["facts"])
        return _printed(press.print(request["document"]))
    except (Exception, RecursionError, MemoryError) as error:  # noqa: BLE001 - is an answer
        return frames.error_header(error), b""


def _printed(printed: Any) -> tuple[dict[str, Any], bytes]:
    """A printed agreement as a message; the members are those of `renderer.Rendered`."""
    header = {
        "plan": printed.plan.to_json(),
        "html": printed.html,
        "fragment": printed.fragment,
        "title": printed.title,
        "cards": [[c.id, c.title, c.clause, c.text] for c in printed.cards],
        "text_sha256": printed.text_sha256,
        "renderer_id": printed.renderer_id,
        "template_version": printed.template_version,
        "template_sha256": printed.template_sha256,
        "page_count": printed.page_count,
        "gear": printed.gear,
        "alarm": printed.alarm,
    }
    return header, printed.pdf


if __name__ == "__main__":
    main()
