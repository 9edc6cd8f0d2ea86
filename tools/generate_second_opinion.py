"""Write `docs/second-opinion.md`: the attack suite before the judge, OpenSSL and pdfsig.

    python tools/generate_second_opinion.py [--check]

The table is made by asking all three about every file; the reasons are those that lie beside the
attacks, in `tests/tampering/*/differences.toml`. Nobody edits the page by hand.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "second-opinion.md"
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "tampering")]
import second_opinion  # type: ignore[import-not-found]  # noqa: E402  found by the line above
from second_opinion import OTHERS, Opinions, Reason  # noqa: E402

from other_judges import ACCEPTS  # type: ignore[import-not-found]  # noqa: E402

HEAD = """# Second opinion

Made by `python tools/generate_second_opinion.py`; do not edit. Asked here: {versions}.

Every file of the attack suite (`tests/tampering`), the sound ones among them, goes before three
judges that share no code:

* **the judge** of this project, `signing verify`: accepts means *valid*, all else is refused or
  left open;
* **OpenSSL**: a reader of byte ranges that belongs to the tests (`tests/byte_ranges.py`)
  cuts the signed bytes out. `openssl cms -verify -cades` verifies each party's signature as of its
  token's time; `openssl ts -verify` each token as of the document timestamp after it, the last one
  as of the day of judging, and the stamp of an evidence package's checkpoint; all with the roots
  that the judge trusts. It accepts if all of that holds and the last signature reaches the
  end of the file;
* **pdfsig** of poppler, `-nocert`: it accepts if each signature that it can check is valid and one
  of them covers the whole file. It cannot check document timestamps.

三方各自独立：本项目的验签程序、OpenSSL、poppler 的 pdfsig。

* 本项目判为有效的文件，另外两方没有一份不接受。
* 另外两方接受而本项目不接受的，逐份列在下面，各有原因：它们只看每个签名覆盖的字节是否完好，
  不看签名之间加了什么、该谁签、文本和数据是否对得上。

**No file that the judge calls valid is refused by either of them.** A test holds that without
exception, and that each difference the other way is one of those below
(`tests/tampering/test_tampering_second_opinion.py`). OpenSSL 3.5 and pdfsig 25.03, those of
Debian 13, were asked on 2026-11-29 and answered the same.

One file is asked about as of another day than the judge's: {proven}.
"""
CLASSES = """
## By class

| class | files | judge accepts | OpenSSL accepts | pdfsig accepts | all three agree |
|---|---|---|---|---|---|"""
WHY = """
## What they accept and the judge does not

| class | accepted by | files | the judge says | why |
|---|---|---|---|---|"""


def page(asked: Sequence[Opinions], reasons: Sequence[Reason]) -> str:
    """The whole page."""
    named = ", ".join(f"{name} {number}" for name, number in second_opinion.versions().items())
    proven = "; ".join(
        f"`{one.attack.folder}/{one.attack.name}`, which witnesses of the log saw on "
        f"{one.attack.proven_at:%Y-%m-%d}, while its last stamp held"
        for one in asked
        if one.attack.proven_at
    )
    lines = [HEAD.format(versions=named, proven=proven).rstrip(), CLASSES, *_classes(asked)]
    return "\n".join([*lines, WHY, *_reasons(asked, reasons), ""])


def _classes(asked: Sequence[Opinions]) -> Iterator[str]:
    folders = list(dict.fromkeys(one.attack.folder for one in asked))
    for folder in folders:
        yield _row(folder, [one for one in asked if one.attack.folder == folder])
    yield _row("**all**", asked)


def _row(name: str, asked: Sequence[Opinions]) -> str:
    judge = sum(not one.attack.is_negative for one in asked)
    others = [sum(one.others[other] == ACCEPTS for one in asked) for other in OTHERS]
    agree = sum(
        all((answer == ACCEPTS) != one.attack.is_negative for answer in one.others.values())
        for one in asked
    )
    return "| " + " | ".join(map(str, (name, len(asked), judge, *others, agree))) + " |"


def _reasons(asked: Sequence[Opinions], reasons: Sequence[Reason]) -> Iterator[str]:
    codes = {(one.attack.folder, one.attack.name): one.attack.code for one in asked}
    for reason in reasons:
        files = " ".join(f"`{file}`" for file in reason.files)
        said = sorted({codes[reason.folder, file] for file in reason.files})
        by = " and ".join(reason.accepted_by)
        yield f"| {reason.folder} | {by} | {files} | {' '.join(said)} | {reason.why} |"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with --check compare: 1 if it differs."""
    text = page(second_opinion.ask_all(), second_opinion.reasons())
    if "--check" in arguments:
        return int(TARGET.read_text("utf-8") != text)
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
