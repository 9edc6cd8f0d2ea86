"""Settings from the environment, all with the prefix `SIGNING_` (interfaces.md §3).

Rules kept here:
* a wrong or missing setting stops the start, and every mistake is listed at once;
* production refuses what is only good on one developer's machine: made-up passphrases, the SMS
  outbox, public URLs without TLS;
* what this version does not have yet is refused by name, never silently replaced;
* a variable with our prefix that no setting bears is a mistyped one: it is refused, with the name
  that it looks like. So every setting is read on every start.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from signing.errors import SigningError

PREFIX = "SIGNING_"
_MOST_TSAS = 2
REPOSITORY = Path(__file__).resolve().parent.parent


class BadSettings(SigningError):
    """The environment is not good for a start; `problems` has one line per mistake."""

    default_code = "BAD_SETTINGS"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Settings are wrong:\n" + "\n".join(f"  {line}" for line in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Config:
    """Checked settings. Paths are absolute; `*_rate` is a limit such as `10/minute` or "".

    `tsa_urls` are asked in this order, none for the built-in TSA.
    """

    home: Path
    environment: str
    database_url: str
    templates_dir: Path
    fonts_dir: Path
    documents_dir: Path
    keys_dir: Path
    key_passphrase_file: Path | None
    public_url: str
    pkcs11_module: Path | None
    pkcs11_token: str
    pkcs11_pin_file: Path | None
    ca_url: str
    ca_token_file: Path | None
    ca_policy: str
    tsa_urls: tuple[str, ...]
    log_origin: str
    certify: bool
    retention_years: int
    renewal_margin_days: int
    verify_rate: str
    sms_rate: str
    render_workers: int
    render_tags: bool

    @property
    def is_production(self) -> bool:
        """Whether real people sign here."""
        return self.environment == "production"

    @property
    def instance_dir(self) -> Path:
        """Where the embedded database and the outbox lie."""
        return self.home / "instance"

    @property
    def checkpoint_file(self) -> Path:
        """The newest checkpoint, outside the database; never restored with it."""
        return self.instance_dir / "log" / "checkpoint"

    @property
    def rules_dir(self) -> Path:
        """Where an operator's own rule packs and wage notices lie; need not exist."""
        return self.home / "rules"

    @property
    def public_host(self) -> str:
        """Host of the public URL, as the last line of a code's SMS names it."""
        return urlsplit(self.public_url).hostname or ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read and check. Raises BadSettings with every mistake."""
        return _Reader(environ).read()


class _Reader:
    """Reads settings one by one and remembers what is wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []
        self._known: set[str] = set()
        self._home = Path(self._text("HOME", ".")).resolve()

    def read(self) -> Config:
        environment = self._choice("ENV", "development", ("development", "production"))
        for name, built in _NOT_YET.items():
            self._refuse_unbuilt(name, built)
        config = Config(
            home=self._home,
            environment=environment,
            database_url=self._database_url(),
            templates_dir=self._folder("TEMPLATES_DIR", REPOSITORY / "templates" / "contracts"),
            fonts_dir=self._path("FONTS_DIR", REPOSITORY / "build" / "fonts"),
            documents_dir=self._documents_dir(),
            keys_dir=self._path("KEYS_DIR", self._home / "keys"),
            key_passphrase_file=self._file("KEY_PASSPHRASE_FILE"),
            public_url=self._url("PUBLIC_URL", "http://127.0.0.1:8000"),
            pkcs11_module=self._file("PKCS11_MODULE"),
            pkcs11_token=self._text("PKCS11_TOKEN", ""),
            pkcs11_pin_file=self._file("PKCS11_PIN_FILE"),
            ca_url=self._ca_url(),
            ca_token_file=self._file("CA_TOKEN_FILE"),
            ca_policy=self._text("CA_POLICY", ""),
            tsa_urls=self._tsa_urls(),
            log_origin=self._origin("LOG_ORIGIN", "signing.localhost/log"),
            certify=self._choice("CERTIFY", "on", ("on", "off")) == "on",
            retention_years=self._number("RETENTION_YEARS", 5, least=2),
            renewal_margin_days=self._number("RENEWAL_MARGIN_DAYS", 90, least=1),
            verify_rate=self._rate("VERIFY_RATE", "10/minute"),
            sms_rate=self._rate("SMS_RATE", "5/hour"),
            render_workers=self._number("RENDER_WORKERS", 2, least=1),
            render_tags=self._choice("RENDER_TAGS", "off", ("on", "off")) == "on",
        )
        self._check_token(config)
        if config.is_production:
            self._check_production(config)
        self._check_names()
        if self._problems:
            raise BadSettings(self._problems)
        return config

    def _text(self, name: str, default: str) -> str:
        self._known.add(name)
        return self._environ.get(PREFIX + name, "").strip() or default

    def _wrong(self, name: str, why: str) -> None:
        self._problems.append(f"{PREFIX}{name}: {why}")

    def _choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self._text(name, default)
        if value not in allowed:
            self._wrong(name, f"{value!r} is none of {', '.join(allowed)}")
        return value

    def _number(self, name: str, default: int, *, least: int) -> int:
        text = self._text(name, str(default))
        if not text.isascii() or not text.isdigit() or int(text) < least:
            self._wrong(name, f"{text!r} is not a whole number of at least {least}")
            return default
        return int(text)

    def _path(self, name: str, default: Path) -> Path:
        return self._home / self._text(name, str(default))

    def _folder(self, name: str, default: Path) -> Path:
        path = self._path(name, default)
        if not path.is_dir():
            self._wrong(name, f"there is no folder {path}")
        return path

    def _url(self, name: str, default: str) -> str:
        return self._checked_url(name, self._text(name, default))

    def _tsa_urls(self) -> tuple[str, ...]:
        """One, or two of which the second is asked where the first fails."""
        given = [url.strip() for url in self._text("TSA_URL", "").split(",")]
        urls = tuple(self._checked_url("TSA_URL", url) for url in given if url)
        if len(urls) > _MOST_TSAS or len(set(urls)) < len(urls):
            self._wrong("TSA_URL", "one URL, or two different ones with a comma between")
        return urls

    def _checked_url(self, name: str, given: str) -> str:
        value = given.rstrip("/")
        if value:
            try:
                parts = urlsplit(value)
                is_usable = parts.scheme in ("http", "https") and parts.port != 0
                is_usable = is_usable and bool(parts.hostname)
            except ValueError:  # an IPv6 address or a port that is none
                is_usable = False
            if not is_usable:
                self._wrong(name, f"{value!r} is not an http or https URL")
        return value

    def _origin(self, name: str, default: str) -> str:
        """A name of the C2SP signed note: it stands on a line of its own and in key files."""
        value = self._text(name, default)
        if not value.isprintable() or " " in value or "+" in value:
            self._wrong(name, f"{value!r} has a space or a plus, which no signed note takes")
        return value

    def _rate(self, name: str, default: str) -> str:
        value = self._text(name, default)
        if value == "off":
            return ""
        count, _, unit = value.partition("/")
        if not count.isdigit() or unit not in ("second", "minute", "hour", "day"):
            self._wrong(name, f"{value!r} is not 'off' or a rate such as 10/minute")
        return value

    def _database_url(self) -> str:
        url = self._text("DATABASE_URL", "sqlite:///instance/signing.db")
        scheme, separator, rest = url.partition("://")
        if not separator or scheme.partition("+")[0] not in ("sqlite", "postgresql"):
            self._wrong("DATABASE_URL", "neither sqlite:///… nor postgresql://…")
            return url
        if scheme.startswith("postgresql"):
            return f"postgresql+psycopg://{rest}"
        path = self._home / rest.removeprefix("/")
        return f"sqlite:///{path}" if not rest.startswith("//") else url

    def _documents_dir(self) -> Path:
        store = self._text("DOCUMENT_STORE", "file:instance/documents")
        scheme, _, rest = store.partition(":")
        if scheme != "file" or not rest:
            self._wrong("DOCUMENT_STORE", f"{store!r}: this version stores in file:FOLDER only")
        return self._home / rest

    def _file(self, name: str) -> Path | None:
        text = self._text(name, "")
        if not text:
            return None
        path = self._home / text
        if not path.is_file():
            self._wrong(name, f"there is no file {path}")
        return path

    def _ca_url(self) -> str:
        """Where the external CA is; "" for the built-in one."""
        url = self._url("CA_URL", "")
        if self._choice("CA", "builtin", ("builtin", "external")) == "builtin":
            return ""
        if not url:
            self._wrong("CA_URL", "an external CA has an address")
        return url

    def _check_token(self, config: Config) -> None:
        given = {
            "PKCS11_MODULE": config.pkcs11_module is not None,
            "PKCS11_TOKEN": bool(config.pkcs11_token),
            "PKCS11_PIN_FILE": config.pkcs11_pin_file is not None,
        }
        for name, is_given in given.items():
            if any(given.values()) and not is_given:
                self._wrong(name, "a token needs its module, its label and the file with its PIN")

    def _check_names(self) -> None:
        """What nobody asked for is mistyped, or meant for something that is not there."""
        for variable in sorted(self._environ):
            name = variable.removeprefix(PREFIX)
            if name == variable or name in self._known:
                continue
            near = get_close_matches(name.upper(), sorted(self._known), n=1)
            meant = f"; did you mean {PREFIX}{near[0]}? 是不是 {PREFIX}{near[0]}？" if near else ""
            self._wrong(name, f"there is no such setting 没有这个设置{meant}")

    def _refuse_unbuilt(self, name: str, is_built: Callable[[str], bool]) -> None:
        value = self._text(name, "")
        if not is_built(value):
            self._wrong(name, f"{value!r} is not in this version")

    def _check_production(self, config: Config) -> None:
        if config.ca_url and not config.ca_url.startswith("https://"):
            self._wrong("CA_URL", "production needs https://")
        if config.key_passphrase_file is None:
            self._wrong("KEY_PASSPHRASE_FILE", "production needs a passphrase file of its own")
        elif config.key_passphrase_file == config.keys_dir / "passphrase":
            self._wrong("KEY_PASSPHRASE_FILE", "production refuses the passphrase made beside keys")
        if not config.public_url.startswith("https://"):
            self._wrong("PUBLIC_URL", "production needs https://")
        if self._text("SMS", "outbox") == "outbox":
            self._wrong("SMS", "production refuses the outbox")


_NOT_YET: Mapping[str, Callable[[str], bool]] = {
    "SMS": lambda value: value in ("", "outbox"),
    "BROKER_URL": lambda value: value == "",
    "S3_ENDPOINT": lambda value: value == "",
}
