"""Agreement to base file: what the service calls. The work is done in processes of its own.

Rules kept here:
* `render` takes the attached agreement.json's content and nothing else, so that anyone who holds
  the file can render it again and compare (D14);
* WeasyPrint is never imported into the process of the service;
* safe to call from many threads; each call holds one rendering process;
* what a process' standing proof found wrong is logged and kept for whoever asks for `alarms`.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    ThreadPoolExecutor,
    as_completed,
    wait,
)
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from signing.domain.draft import text_kind_of
from signing.domain.finding import Finding, Severity
from signing.errors import Broken, SigningError
from signing.pades.plan import FilePlan
from signing.rendering.catalogue import Catalogue
from signing.rendering.composition import Card, compose
from signing.rendering.pool import Limits, Pool

_LOG = logging.getLogger(__name__)
_ORDINARY = Limits()
_WINDOW = 4  # rows in flight per process: enough to keep it busy, few enough to hold
_PLAIN_MEMBERS = (
    "html",
    "fragment",
    "title",
    "text_sha256",
    "renderer_id",
    "template_version",
    "template_sha256",
    "page_count",
    "gear",
    "alarm",
)


@dataclass(frozen=True)
class Rendered:
    """An agreement made: base revision and plan, what the phone shows, what made it.

    `html` is the standalone page as it is attached, `fragment` its `<main id="contract">`;
    `text_sha256`, `renderer_id` and `template_sha256` are 64 lower-case hex digits. `gear` is 2 if
    it was set from a kept layout, 1 if WeasyPrint drew it whole; `alarm` what the standing proof
    found, "" as it should be.
    """

    pdf: bytes
    plan: FilePlan
    html: str
    fragment: str
    title: str
    cards: tuple[Card, ...]
    text_sha256: str
    renderer_id: str
    template_version: str
    template_sha256: str
    page_count: int
    gear: int
    alarm: str


@dataclass(frozen=True)
class Outcome:
    """What became of one row of a batch: `rendered`, or the error that it alone met."""

    index: int
    rendered: Rendered | None
    error: SigningError | None


class Renderer:
    """Renders agreements of the templates in `templates_dir` with the faces in `fonts_dir`."""

    def __init__(
        self,
        templates_dir: Path,
        fonts_dir: Path,
        *,
        processes: int = 1,
        limits: Limits = _ORDINARY,
    ) -> None:
        self._catalogue = Catalogue(Path(templates_dir))
        self._processes = processes
        self._pool = Pool(Path(templates_dir), Path(fonts_dir), size=processes, limits=limits)
        self._alarms: dict[str, None] = {}

    @property
    def alarms(self) -> tuple[str, ...]:
        """What standing proofs found wrong since the start, each once, oldest first."""
        return tuple(self._alarms)

    def render(self, document: Mapping[str, Any]) -> Rendered:
        """The base file of `document` (body of `POST /agreements` and `issued`).

        Raises NotFound for an unknown template, Broken (codes RENDER_TIMEOUT, RENDER_FAILED,
        RENDER_INCOMPLETE, TEMPLATE_BROKEN, TEXT_LOCK, FONTS_MISSING) where no whole file comes out.
        """
        header, pdf = self._pool.ask({"document": dict(document)})
        if alarm := header["alarm"]:
            self._alarms[alarm] = None
            _LOG.error("rendering: the standing proof failed", extra={"note": alarm})
        return _rendered(header, pdf)

    def render_all(self, documents: Iterable[Mapping[str, Any]]) -> Iterator[Outcome]:
        """Render a batch on all processes; outcomes come as they are ready, with their index.

        A row that fails is an outcome and stops nothing. A row whose process was killed is tried
        once more in a fresh one: it may have been the neighbour that ate the memory.
        """
        with ThreadPoolExecutor(self._processes) as threads:
            waiting: set[Future[Outcome]] = set()
            for index, document in enumerate(documents):
                waiting.add(threads.submit(self._outcome, index, document))
                if len(waiting) >= _WINDOW * self._processes:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            yield from (future.result() for future in as_completed(waiting))

    def _outcome(self, index: int, document: Mapping[str, Any]) -> Outcome:
        try:
            return Outcome(index, self._twice(document), None)
        except SigningError as error:
            return Outcome(index, None, error)

    def _twice(self, document: Mapping[str, Any]) -> Rendered:
        try:
            return self.render(document)
        except Broken as error:
            if error.code != "RENDER_DIED":
                raise
            return self.render(document)

    def preview(self, document: Mapping[str, Any]) -> str:
        """The standalone page alone, as the worker will read it; no PDF is made."""
        template = self._catalogue.load(text_kind_of(document), document["template_version"])
        return compose(template, document).page

    def evidence_report(self, facts: Mapping[str, Any]) -> bytes:
        """The 签署证据报告 as PDF (law.md §7.2). Raises Broken as `render` does."""
        return self._pool.ask({"facts": dict(facts)})[1]

    def check_glyphs(self, document: Mapping[str, Any]) -> tuple[Finding, ...]:
        """`GLYPH_MISSING` for every character of parties and values that no face draws."""
        return tuple(
            _missing(character, path)
            for path, text in _texts(document)
            for character in dict.fromkeys(text)
            if ord(character) not in self._coverage and character != "\n"
        )

    @cached_property
    def _coverage(self) -> frozenset[int]:
        with self._pool.borrowed() as worker:
            ranges = worker.coverage
        return frozenset(code for first, last in ranges for code in range(first, last + 1))

    def close(self) -> None:
        """End the rendering processes."""
        self._pool.close()


def _rendered(header: Mapping[str, Any], pdf: bytes) -> Rendered:
    """An answer of the rendering process."""
    return Rendered(
        pdf=pdf,
        plan=FilePlan.from_json(header["plan"]),
        cards=tuple(Card(*card) for card in header["cards"]),
        **{name: header[name] for name in _PLAIN_MEMBERS},
    )


def _missing(character: str, path: str) -> Finding:
    number = f"U+{ord(character):04X}"
    return Finding(
        rule="GLYPH_MISSING",
        severity=Severity.BLOCK,
        article="",
        message_zh=f"字库里没有“{character}”（{number}），打印不出来，请改用证件上的通行写法",
        message=f"No font draws {character!r} ({number})",
        path=path,
        excerpt=character,
    )


def _texts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text that may be printed, with its path in the request body."""
    for index, party in enumerate(document.get("parties", ())):
        for key, value in party.items():
            if isinstance(value, str):
                yield f"parties[{index}].{key}", value
    yield from _nested(document.get("values", {}), "values")


def _nested(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _nested(item, f"{path}.{key}")
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            yield from _nested(item, f"{path}[{index}]")
