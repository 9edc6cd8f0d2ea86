"""The three texts that a worker agrees to before anything else (law.md §8 P-04).

Rules kept here:
* what goes into the evidence is the SHA-256 of exactly the text that stood on the page;
* a text has a version in its second line; a published version is never edited, a new one is.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from signing.errors import NotFound
from signing.services.ceremony.opening import CONSENTS

_FOLDER = Path(__file__).parent / "notices"


@dataclass(frozen=True)
class Notice:
    """One text: `name` is one of `CONSENTS`, `label` the words beside its box."""

    name: str
    label: str
    title: str
    version: str
    paragraphs: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Hex digest of title, version and paragraphs, a line each, UTF-8."""
        text = "\n".join((self.title, self.version, *self.paragraphs))
        return sha256(text.encode()).hexdigest()


LABELS = {
    "electronic_form": "我同意用电子方式签",
    "signing_notice": "我看过签署须知",
    "privacy_notice": "我看过怎么保护我的信息",
}


def load_notice(name: str, *, retention_years: int) -> Notice:
    """The text of that name as it is now. Raises NotFound."""
    if name not in CONSENTS:
        raise NotFound("No such notice", "没有这一页")
    lines = (_FOLDER / f"{name}.txt").read_text("utf-8").strip().split("\n")
    title, version, *paragraphs = (
        line.replace("{retention_years}", str(retention_years)) for line in lines
    )
    return Notice(name, LABELS[name], title, version, tuple(paragraphs))


def load_notices(*, retention_years: int) -> tuple[Notice, ...]:
    """All of them, in the order of the page."""
    return tuple(load_notice(name, retention_years=retention_years) for name in CONSENTS)
