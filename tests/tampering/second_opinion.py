"""The whole suite before three judges, and why they differ where they do.

The reasons lie beside the attacks, in `differences.toml` of a class: who accepts what the judge
refuses, which files, and why that is to be expected. There is no way to write down the opposite:
a file that the judge calls valid and another refuses has no excuse.

What the judge says is what `attacks.py` expects: test_tampering_suite.py holds it to that.
"""

import io
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import catalogue
from attack import Attack, standard_trust

from other_judges import ACCEPTS, Case, opinions, run

HERE = Path(__file__).parent
OTHERS = ("OpenSSL", "pdfsig")


@dataclass(frozen=True)
class Opinions:
    """What the others, by their names, answer of one file."""

    attack: Attack
    others: dict[str, str]

    def accepting(self) -> list[str]:
        return [name for name, answer in self.others.items() if answer == ACCEPTS]


@dataclass(frozen=True)
class Reason:
    """Why the named others accept files of a class that the judge refuses."""

    folder: str
    accepted_by: tuple[str, ...]
    files: tuple[str, ...]
    why: str


Difference = tuple[str, str, str]  # class, file, who accepts it


def ask_all() -> list[Opinions]:
    """All files, in the order of the catalogue."""
    attacks = catalogue.attacks()
    answers = opinions([_case(attack) for attack in attacks])
    return [
        Opinions(attack, dict(zip(OTHERS, answer, strict=True)))
        for attack, answer in zip(attacks, answers, strict=True)
    ]


def _case(attack: Attack) -> Case:
    """A package is opened for the others: the PDF in it, and the stamp of its checkpoint."""
    data, evidence = attack.make(), attack.evidence and attack.evidence()
    package = _members(evidence or data)
    trust = attack.trust() if attack.trust else standard_trust()
    stamped = [(package[n], package[n + ".tsr"]) for n in ("checkpoint",) if n + ".tsr" in package]
    return Case(
        pdf=package.get("agreement.pdf", data) if evidence is None else data,
        signers=tuple(root.der for root in trust.ca),
        timestampers=tuple(root.der for root in trust.tsa),
        at=attack.proven_at or attack.at,
        stamped=tuple(stamped),
    )


def _members(data: bytes) -> dict[str, bytes]:
    """What the others can be asked about in a zip; nothing if it is none."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        return {}
    wanted = {"agreement.pdf", "checkpoint", "checkpoint.tsr"} & set(archive.namelist())
    return {name: archive.read(name) for name in wanted}


def reasons() -> list[Reason]:
    """All that is written beside the attacks."""
    found = []
    for path in sorted(HERE.glob("*/differences.toml")):
        for entry in tomllib.loads(path.read_text("utf-8"))["difference"]:
            by, files = tuple(entry.pop("accepted_by")), tuple(entry.pop("files"))
            found.append(Reason(path.parent.name, by, files, **entry))
    return found


def differences(asked: Sequence[Opinions]) -> set[Difference]:
    """What another accepts and the judge does not."""
    return {
        (one.attack.folder, one.attack.name, name)
        for one in asked
        if one.attack.is_negative
        for name in one.accepting()
    }


def explained(given: Sequence[Reason]) -> Iterator[Difference]:
    """Each difference that a reason speaks of, as often as one does."""
    for reason in given:
        for file in reason.files:
            for name in reason.accepted_by:
                yield reason.folder, file, name


def wrongly_refused(asked: Sequence[Opinions]) -> list[Difference]:
    """Files that the judge calls valid and another refuses."""
    return [
        (one.attack.folder, one.attack.name, name)
        for one in asked
        if not one.attack.is_negative
        for name, answer in one.others.items()
        if answer != ACCEPTS
    ]


def versions() -> dict[str, str]:
    """Of the programs that were asked, to the second number: answers change with them."""
    openssl = run("openssl", "version").stdout.split()[1]
    pdfsig = run("pdfsig", "-v").stderr.split(b"\n")[0].split()[-1]
    short = [".".join(text.decode().split(".")[:2]) for text in (openssl, pdfsig)]
    return dict(zip(OTHERS, short, strict=True))
