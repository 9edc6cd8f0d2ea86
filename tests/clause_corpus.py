"""The corpus of clauses under `tests/corpus`, as values; and disguises put over any of them.

Rules kept here:

* `development` is for writing rules and training; `held_out` is read by measurements only.
* A line of a `.psv` file is a pair: kinds | rules | severity | disguise | unlawful | lawful.
* A line of a `.txt` file is a lawful clause: kinds | text. Kinds are letters: l, w, t.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from opencc import OpenCC

from signing.domain.draft import Kind

CORPUS = Path(__file__).resolve().parent / "corpus"
KINDS: Mapping[str, Kind] = {
    "l": Kind.LABOUR_CONTRACT,
    "w": Kind.WRITTEN_AGREEMENT,
    "t": Kind.TRIPARTITE_AGREEMENT,
}
_to_traditional = OpenCC("s2t")
_SPOKEN = {
    "押金": ("压金", "yajin"),
    "保证金": ("宝证金", "baozhengjin"),
    "罚款": ("罚kuan", "fakuan"),
    "社保": ("社宝", "shebao"),
    "社会保险": ("社会保显", "shehuibaoxian"),
    "身份证": ("身分证", "shenfenzheng"),
    "违约金": ("违约今", "weiyuejin"),
    "仲裁": ("仲载", "zhongcai"),
    "工伤": ("公伤", "gongshang"),
    "独家": ("独佳", "dujia"),
    "试用期": ("试用七", "shiyongqi"),
}


@dataclass(frozen=True)
class Pair:
    """An unlawful clause and its lawful neighbour.

    `id` is file and line, `family` the file, `rules` those of which one must fire, `severity`
    block or warn, `disguise` how the unlawful one is hidden ("" where it is not).
    """

    id: str
    family: str
    kinds: tuple[Kind, ...]
    rules: tuple[str, ...]
    severity: str
    disguise: str
    unlawful: str
    lawful: str


@dataclass(frozen=True)
class Lawful:
    """A lawful clause without neighbour."""

    id: str
    kinds: tuple[Kind, ...]
    text: str


def pairs(part: str) -> Iterator[Pair]:
    """The pairs of `development` or `held_out`, in the order of files and lines."""
    for path in sorted((CORPUS / part).glob("*.psv")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            kinds, rules, severity, disguise, unlawful, lawful = line.split("|")
            yield Pair(
                f"{path.stem}-{number:03d}",
                path.stem,
                tuple(KINDS[k] for k in kinds),
                tuple(rules.split(",")),
                severity,
                disguise,
                unlawful,
                lawful,
            )


def lawful_clauses(part: str) -> Iterator[Lawful]:
    """Lawful clauses without neighbour, in order."""
    for path in sorted((CORPUS / part).glob("*.txt")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            kinds, text = line.split("|", 1)
            yield Lawful(f"{path.stem}-{number:03d}", tuple(KINDS[k] for k in kinds), text)


def _between(text: str, mark: str) -> str:
    return mark.join(text)


def _wide(text: str) -> str:
    """Full-width digits, letters and signs."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _spelled(text: str, column: int) -> str:
    for word, spellings in _SPOKEN.items():
        text = text.replace(word, spellings[column])
    return text


def _insert(text: str, mark: str) -> str:
    """A mark inside each word that a sender would hide."""
    for word in _SPOKEN:
        text = text.replace(word, mark.join(word))
    return text


DISGUISES: Mapping[str, Callable[[str], str]] = {
    "traditional": _to_traditional.convert,
    "full_width": _wide,
    "zero_width": lambda text: _between(text, "\u200b"),
    "spaces": lambda text: _between(text, " "),
    "marks": lambda text: _insert(text, "*"),
    "brackets": lambda text: "".join(f"【{c}】" if c in "押罚保" else c for c in text),
    "homophones": lambda text: _spelled(text, 0),
    "pinyin": lambda text: _spelled(text, 1),
}
"""How a sender may hide words from a machine; a reader still reads them."""
