"""Not a PDF that we can open: no indication at all, exit code 2."""

import io
import zipfile

import pikepdf
import workshop
from attack import Attack
from forge import append


def _encrypted(number=0, **options):
    """Written anew with a password, by another library."""

    def make():
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(workshop.standard_states()[number][0])) as pdf:
            pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u", **options))
        return out.getvalue()

    return make


def _encrypt_entry():
    """Our own file with an update whose trailer claims encryption."""
    return append(workshop.standard_states()[3], entries={"Encrypt": b"<</Filter/Standard/V 1>>"})[
        0
    ]


def _zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"a")
    return out.getvalue()


ATTACKS = [
    Attack("empty", "no bytes at all", lambda: b"", "NOT_A_PDF", outcome="unreadable"),
    Attack("text", "a text file", lambda: "合同".encode() * 50, "NOT_A_PDF", outcome="unreadable"),
    Attack(
        "image",
        "a picture",
        lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 2_000,
        "NOT_A_PDF",
        outcome="unreadable",
    ),
    Attack(
        "header_too_late",
        "%PDF- behind the first 1,024 bytes",
        lambda: b"\0" * 1_024 + workshop.standard_states()[4][0],
        "NOT_A_PDF",
        outcome="unreadable",
    ),
    Attack(
        "zip_without_manifest",
        "a zip that is no evidence package",
        _zip,
        "NOT_A_PDF",
        outcome="unreadable",
    ),
    Attack(
        "encrypted_rc4",
        "encrypted, RC4",
        _encrypted(R=3, aes=False, metadata=False),
        "ENCRYPTED",
        outcome="unreadable",
    ),
    Attack(
        "encrypted_aes", "encrypted, AES-256", _encrypted(R=6), "ENCRYPTED", outcome="unreadable"
    ),
    Attack(
        "encrypted_signed",
        "a signed file encrypted afterwards",
        _encrypted(4, R=6),
        "ENCRYPTED",
        outcome="unreadable",
    ),
    Attack(
        "claims_encryption",
        "an update claims encryption",
        _encrypt_entry,
        "ENCRYPTED",
        outcome="unreadable",
    ),
]
