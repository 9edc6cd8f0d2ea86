"""First start: keys, certificates and anchors, in an order that a crash may stop anywhere.

    passphrase → root key → root → issuing key → issuing → TSA key → TSA → log key → master → trust/

Rules kept here:
* a key file comes before its certificate, an issuer before what it issues; at the next start what
  is there is used and what is missing is made, so a set half made is completed, never mixed;
* a certificate without its key, or over another one, is Broken (KEYS_INCOMPLETE): no guess;
* keys follow one another by generations: older issuing CAs go on telling of revocations, older log
  keys stay in the trust folder, an older TSA's key is destroyed;
* production takes its passphrase from outside `keys/` and refuses keys that development made.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.audit.note import ED25519, VerifierKey
from signing.errors import Broken
from signing.keystore import files, profiles, requests
from signing.keystore.files import KeyFolder
from signing.keystore.generations import Generations
from signing.keystore.press import CertificateAuthority, Press, new_serial
from signing.keystore.process import KeyProcess
from signing.keystore.profiles import Issuer, Profile, Subject

_PASSPHRASE_BYTES = 32
_MIN_PASSPHRASE = 20
_RAW_ED25519 = 32
_MAX_PUBLIC_URL = 80
_CA_BACKDATED = timedelta(hours=1)
DEVELOPMENT = "development"


@dataclass(frozen=True)
class Foundation:
    """What every start finds or makes. Private keys are named by their files.

    `issuing_authorities` and `log_keys` are newest first; `log_key_files` are those of `log_keys`.
    """

    root: CertificateAuthority
    issuing_authorities: tuple[CertificateAuthority, ...]
    tsa_certificate: bytes
    log_keys: tuple[VerifierKey, ...]
    log_key_files: tuple[Path, ...]

    @property
    def issuing(self) -> CertificateAuthority:
        """The CA that issues now."""
        return self.issuing_authorities[0]

    @property
    def log_key(self) -> VerifierKey:
        """The key under which the log signs now."""
        return self.log_keys[0]


def passphrase_file(folder: KeyFolder, given: Path | None, *, environment: str) -> Path:
    """The file with the passphrase; in development it is made.

    Raises Broken: not given in production, lying in `keys/`, readable by others, too short.
    """
    own = folder.root / "passphrase"
    path = own if given is None else given
    if environment != DEVELOPMENT and path.resolve().is_relative_to(folder.root.resolve()):
        raise Broken(
            "In production the passphrase must lie outside the folder of the keys",
            "生产环境的密钥口令文件不能和密钥放在一起，请设置 SIGNING_KEY_PASSPHRASE_FILE",
            code="KEYS_UNSAFE",
        )
    if path == own and not own.exists():
        with folder.locked():
            if not own.exists():
                files.create(own, secrets.token_hex(_PASSPHRASE_BYTES).encode() + b"\n")
    if not path.is_file():
        raise Broken(
            f"The passphrase file {path} is missing", "找不到密钥口令文件", code="KEYS_INCOMPLETE"
        )
    files.check_private(path)
    if len(path.read_bytes().strip()) < _MIN_PASSPHRASE:
        raise Broken(
            f"The passphrase in {path} has fewer than {_MIN_PASSPHRASE} characters",
            f"密钥口令太短，至少 {_MIN_PASSPHRASE} 个字符",
            code="KEYS_UNSAFE",
        )
    return path


def check_environment(folder: KeyFolder, environment: str) -> None:
    """Mark new keys with where they were made; refuse development's anywhere else."""
    marker = folder.private / "environment"
    if not marker.exists():
        files.create(marker, environment.encode())
    if marker.read_text("utf-8") == DEVELOPMENT != environment:
        raise Broken(
            "These keys were made for development: give an empty SIGNING_KEYS_DIR",
            "这些密钥是开发环境生成的，生产环境不能用：请换一个空的 SIGNING_KEYS_DIR",
            code="KEYS_FROM_DEVELOPMENT",
        )


@dataclass(frozen=True)
class Founder:
    """Makes what is missing."""

    folder: KeyFolder
    keys: KeyProcess
    press: Press
    clock: Callable[[], datetime]
    public_url: str
    log_origin: str

    def found(self) -> Foundation:
        """Everything there, in the order of the module.

        Raises Broken: KEYS_INCOMPLETE; PUBLIC_URL_TOO_LONG, since the address stands twice in the
        TSA's certificate, which must fit into the place that each signature keeps for a token.
        """
        if len(self.public_url) > _MAX_PUBLIC_URL:
            raise Broken(
                f"The public address has more than {_MAX_PUBLIC_URL} characters",
                f"SIGNING_PUBLIC_URL 太长，最多 {_MAX_PUBLIC_URL} 个字符",
                code="PUBLIC_URL_TOO_LONG",
            )
        generations = Generations(self.folder)
        root = self._root()
        issuing = [self._issuing(stem, root) for stem in generations.stems("issuing")]
        tsa = self._tsa(generations.stems("tsa")[0], root)
        log_stems = generations.stems("log")
        log_keys = [self._log_key(stem) for stem in log_stems]
        self._public_key("master", "ed25519")
        foundation = Foundation(
            root=root,
            issuing_authorities=tuple(issuing),
            tsa_certificate=tsa.public_bytes(Encoding.DER),
            log_keys=tuple(log_keys),
            log_key_files=tuple(self._key_file(stem) for stem in log_stems),
        )
        self._write_trust(foundation)
        return foundation

    def follow(self, name: str) -> Foundation:
        """Make the next generation of `issuing`, `tsa` or `log` and take it into use.

        Hold the folder's lock. Nothing is in use before all of it is there.
        """
        generations = Generations(self.folder)
        stem, old = generations.following(name), generations.stems(name)[0]
        if name == "log":
            self._log_key(stem)
        else:
            make = self._issuing if name == "issuing" else self._tsa
            make(stem, self._root())
        generations.advance(name)
        if name == "tsa":
            # Whoever finds it in an old backup must not stamp the past with it.
            self._key_file(old).unlink(missing_ok=True)
        return self.found()

    @property
    def tsa_key_file(self) -> Path:
        """The key of the TSA in use."""
        return self._key_file(Generations(self.folder).stems("tsa")[0])

    def _root(self) -> CertificateAuthority:
        return self._authority("root", profiles.ROOT, profiles.ROOT_NAME, issuer=None)

    def _issuing(self, stem: str, root: CertificateAuthority) -> CertificateAuthority:
        name = _numbered(profiles.ISSUING_NAME, stem)
        return self._authority(stem, profiles.ISSUING, name, issuer=root)

    def _tsa(self, stem: str, root: CertificateAuthority) -> x509.Certificate:
        return self._certificate(
            stem, profiles.TSA, _numbered(profiles.TSA_NAME, stem), issuer=root
        )

    def _log_key(self, stem: str) -> VerifierKey:
        public = self._public_key(stem, "ed25519")[-_RAW_ED25519:]
        return VerifierKey(self.log_origin, ED25519, public)

    def _authority(
        self, slug: str, profile: Profile, name: str, *, issuer: CertificateAuthority | None
    ) -> CertificateAuthority:
        certificate = self._certificate(slug, profile, name, issuer=issuer)
        base_url = self.public_url.rstrip("/") + "/pki"
        return CertificateAuthority(slug, certificate, self._key_file(slug), base_url)

    def _certificate(
        self, slug: str, profile: Profile, name: str, *, issuer: CertificateAuthority | None
    ) -> x509.Certificate:
        """The certificate of that name, over the key of that name; made if it is missing."""
        path = self.folder.private / f"{slug}.pem"
        if path.exists() and not self._key_file(slug).exists():
            raise _incomplete(f"{path.name} is there without its key")
        spki = self._public_key(slug, "p256")
        if not path.exists():
            made = self._issue(slug, profile, name, spki=spki, issuer=issuer)
            files.create(path, made.public_bytes(Encoding.PEM))
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        public = certificate.public_key()
        if public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
            raise _incomplete(f"{path.name} is over another key than {slug}.key.pem")
        return certificate

    def _issue(
        self,
        slug: str,
        profile: Profile,
        name: str,
        *,
        spki: bytes,
        issuer: CertificateAuthority | None,
    ) -> x509.Certificate:
        begin = self.clock().replace(microsecond=0) - _CA_BACKDATED
        described: Issuer | None = None if issuer is None else issuer.issuer
        return self.press.issue(
            profile,
            Subject(profiles.subject_name(name), requests.p256_key(spki)),
            issuer=described,
            key_file=self._key_file(slug) if issuer is None else issuer.key_file,
            serial=new_serial(),
            validity=(begin, begin + profile.span),
        )

    def _public_key(self, slug: str, kind: str) -> bytes:
        """SPKI of the key of that name, made if it is missing; kept beside it, to start quickly."""
        key_file, public_file = self._key_file(slug), self.folder.private / f"{slug}.pub"
        if not key_file.exists():
            files.create(key_file, self.keys.make(kind).pem)
        if not public_file.exists():
            files.create(public_file, self.keys.public(key_file))
        return public_file.read_bytes()

    def _key_file(self, slug: str) -> Path:
        return self.folder.private / f"{slug}.key.pem"

    def _write_trust(self, foundation: Foundation) -> None:
        """The anchors that a verifier pins: the root for both purposes, the log's keys."""
        root = foundation.root.certificate.public_bytes(Encoding.PEM)
        logs = "".join(f"log {key.vkey}\n" for key in foundation.log_keys)
        policy = f"{logs}quorum none\n".encode()
        wanted = {"ca/root.pem": root, "tsa/root.pem": root, "log/policy": policy}
        for name, content in wanted.items():
            path = self.folder.trust / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_bytes() != content:
                files.replace(path, content, mode=0o644)


def _numbered(name: str, stem: str) -> str:
    """The name of a CA or TSA with the number of its generation, from the second on."""
    number = stem.partition("-")[2]
    return f"{name} {number}" if number else name


def _incomplete(what: str) -> Broken:
    return Broken(
        f"The keys do not fit together: {what}; restore them from a backup",
        f"密钥不完整：{what}；请从备份恢复，不要重新生成",
        code="KEYS_INCOMPLETE",
    )
