"""The contract texts under `templates/contracts`: which there are, what they ask, their hashes.

Rules kept here:
* a template is a folder `<kind>/<version>/`; `template_sha256` covers every file in it, by name
  and content, so one changed byte is another template;
* `latest` is the version whose `valid_from` is greatest, then the greatest version;
* values are judged by `values.schema.json` alone (JSON Schema 2020-12); unknown keys are refused
  whether or not the schema says so; every mistake is listed, in both languages.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from signing.domain.characters import check_text
from signing.errors import FieldError, NotFound

COMPANIONS = "companions"
MAX_TOTAL, MAX_ROWS = 60_000, 200
_NAME = re.compile(r"[a-z][a-z_]{0,40}")
_VERSION = re.compile(r"[0-9]{4}\.[0-9]{1,3}")


@dataclass(frozen=True)
class CardSource:
    """A key clause as the template holds it; `title` and `text` are Jinja sources.

    `clause` is the id of the article in the page that the card speaks of.
    """

    id: str
    title: str
    clause: str
    text: str


@dataclass(frozen=True)
class ContractTemplate:
    """One version of one agreement text.

    `title` is a Jinja source; `schema` the JSON Schema of `values`; `examples` bodies of
    `POST /agreements`; `template_sha256` lower-case hex.
    """

    kind: str
    version: str
    title: str
    manifest: Mapping[str, Any]
    schema: Mapping[str, Any]
    template_sha256: str
    html: str
    css: str
    cards: tuple[CardSource, ...]
    examples: tuple[Mapping[str, Any], ...] = field(repr=False)

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of the parties, in the order of signing."""
        return tuple(self.manifest["roles"])

    @property
    def signature_boxes(self) -> Mapping[str, str]:
        """Id of the element that each role's signature stands in."""
        boxes = self.manifest.get("signature_boxes") or {role: f"sig-{role}" for role in self.roles}
        return MappingProxyType(dict(boxes))


class Catalogue:
    """What lies under one templates folder; a version is final, so it is read once and kept."""

    def __init__(self, templates_dir: Path) -> None:
        self._root = Path(templates_dir)
        self._load = lru_cache(maxsize=64)(self._read)

    def kinds(self) -> tuple[str, ...]:
        """Kinds that have at least one version, sorted."""
        if not self._root.is_dir():
            return ()
        return tuple(
            sorted(
                folder.name
                for folder in self._root.iterdir()
                if folder.name != COMPANIONS
                and _NAME.fullmatch(folder.name)
                and self.versions(folder.name)
            )
        )

    def versions(self, kind: str) -> tuple[str, ...]:
        """Versions of a kind, oldest first. Raises NotFound for a kind that is none."""
        if not _NAME.fullmatch(kind) or not self._folder(kind).is_dir():
            raise NotFound(
                f"no agreement text of kind {kind!r}",
                f"没有“{kind}”这种协议",
                code="TEMPLATE_UNKNOWN",
            )
        found = [
            folder.name
            for folder in self._folder(kind).iterdir()
            if _VERSION.fullmatch(folder.name) and (folder / "manifest.json").is_file()
        ]
        return tuple(sorted(found, key=lambda version: self._rank(kind, version)))

    def load(self, kind: str, version: str = "latest") -> ContractTemplate:
        """One version, `latest` for the newest. Raises NotFound."""
        versions = self.versions(kind)
        if version == "latest" and versions:
            version = versions[-1]
        if version not in versions:
            raise NotFound(
                f"no version {version!r} of {kind}",
                f"没有“{kind}”的 {version} 版文本",
                code="TEMPLATE_UNKNOWN",
            )
        return self._load(kind, version)

    def _folder(self, kind: str) -> Path:
        """Documents about agreements lie in a drawer of their own, out of the list of kinds."""
        folder = self._root / kind
        return folder if folder.is_dir() else self._root / COMPANIONS / kind

    def _rank(self, kind: str, version: str) -> tuple[date, tuple[int, ...]]:
        manifest = _json(self._folder(kind) / version / "manifest.json")
        numbers = tuple(int(part) for part in version.split("."))
        return date.fromisoformat(manifest["valid_from"]), numbers

    def _read(self, kind: str, version: str) -> ContractTemplate:
        folder = self._folder(kind) / version
        manifest = _json(folder / "manifest.json")
        return ContractTemplate(
            kind=kind,
            version=version,
            title=manifest["title"],
            manifest=MappingProxyType(manifest),
            schema=MappingProxyType(_json(folder / manifest.get("schema", "values.schema.json"))),
            template_sha256=_folder_sha256(folder),
            html=(folder / "contract.html").read_text("utf-8"),
            css=(folder / "contract.css").read_text("utf-8"),
            cards=tuple(
                CardSource(**card) for card in _json(folder / manifest.get("cards", "cards.json"))
            ),
            examples=tuple(_json(folder / name) for name in manifest.get("examples", ())),
        )


_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    """`YYYY-MM-DD` and no other way of ISO 8601, because it is printed from exactly that."""
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


def check_values(template: ContractTemplate, values: Mapping[str, Any]) -> list[FieldError]:
    """Every mistake in `values`: shape by the schema, then the characters of every text."""
    validator = Draft202012Validator(dict(template.schema), format_checker=_FORMATS)
    errors = [e for error in _leaves(validator.iter_errors(dict(values))) for e in _told(error)]
    known = template.schema.get("properties", {})
    errors += [_unknown(f"values.{key}") for key in values if key not in known]
    errors += _too_much(values)
    free = {key for key, rule in known.items() if rule.get("x-free-text")}
    for path, text in _texts(values, "values"):
        free_text = path.split(".")[1].split("[")[0] in free
        errors += check_text(text, path, free_text=free_text)
    return sorted(dict.fromkeys(errors), key=lambda error: error.path)


def _too_much(values: Mapping[str, Any]) -> Iterator[FieldError]:
    """Limits that no schema needs to repeat: what WeasyPrint's time grows with (render.md §8)."""
    if (total := sum(len(text) for _, text in _texts(values, "values"))) > MAX_TOTAL:
        yield FieldError(
            "values",
            "TOO_LONG",
            f"all texts together have {total} characters, at most {MAX_TOTAL} are allowed",
            f"全部内容共 {total} 个字，最多 {MAX_TOTAL} 个，请删减",
        )
    for key, value in values.items():
        if isinstance(value, list) and len(value) > MAX_ROWS:
            yield FieldError(
                f"values.{key}",
                "TOO_MANY",
                f"has {len(value)} entries, at most {MAX_ROWS} are allowed",
                f"共 {len(value)} 项，最多 {MAX_ROWS} 项",
            )


def _leaves(errors: Iterator[ValidationError]) -> Iterator[ValidationError]:
    """Errors without those of the combining keywords, whose parts say more."""
    for error in errors:
        if error.context and error.validator in ("allOf", "if"):
            yield from _leaves(iter(error.context))
        else:
            yield error


def _told(error: ValidationError) -> Iterator[FieldError]:
    """A schema error as field errors, one for each member that is too many."""
    if error.validator not in ("additionalProperties", "unevaluatedProperties"):
        yield _field_error(error)
        return
    instance: Any = error.instance
    schema: Any = error.schema
    path = _path_of(error)
    extra = (key for key in instance if key not in schema.get("properties", {}))
    yield from (_unknown(f"{path}.{key}") for key in extra)


def _path_of(error: ValidationError) -> str:
    return "values" + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
    )


def _field_error(error: ValidationError) -> FieldError:
    """A schema error as a field error; the path of a missing member names the member."""
    path = _path_of(error)
    keyword = str(error.validator)
    if keyword == "required":
        missing = error.message.split("'")[1]
        return FieldError(f"{path}.{missing}", "REQUIRED", "is required", "必填")
    code, message, message_zh = _MESSAGES.get(
        keyword, ("INVALID", "is not valid", "填写不符合要求")
    )
    facts = {"limit": error.validator_value}
    return FieldError(path, code, message.format(**facts), message_zh.format(**facts))


def _unknown(path: str) -> FieldError:
    return FieldError(path, "UNKNOWN_FIELD", "is not a field of this text", "没有这一项，请删去")


_MESSAGES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "type": ("WRONG_TYPE", "must be of type {limit}", "类型不对，应为 {limit}"),
        "enum": ("NOT_A_CHOICE", "must be one of {limit}", "只能填 {limit} 之一"),
        "const": ("NOT_A_CHOICE", "must be {limit}", "只能填 {limit}"),
        "minimum": ("TOO_SMALL", "must be at least {limit}", "不能小于 {limit}"),
        "exclusiveMinimum": ("TOO_SMALL", "must be greater than {limit}", "必须大于 {limit}"),
        "maximum": ("TOO_LARGE", "must be at most {limit}", "不能大于 {limit}"),
        "exclusiveMaximum": ("TOO_LARGE", "must be less than {limit}", "必须小于 {limit}"),
        "minLength": ("TOO_SHORT", "must have at least {limit} characters", "至少 {limit} 个字"),
        "maxLength": ("TOO_LONG", "must have at most {limit} characters", "最多 {limit} 个字"),
        "minItems": ("TOO_FEW", "must have at least {limit} entries", "至少 {limit} 项"),
        "maxItems": ("TOO_MANY", "must have at most {limit} entries", "最多 {limit} 项"),
        "anyOf": (
            "REQUIRED",
            "needs its text or its SHA-256",
            "要填写全文（text）或者文件摘要（sha256）",
        ),
        "uniqueItems": ("REPEATED", "has an entry twice", "有重复的项"),
        "pattern": ("WRONG_FORMAT", "does not have the form {limit}", "格式不对"),
        "format": ("WRONG_FORMAT", "is not a valid {limit}", "格式不对（{limit}）"),
        "multipleOf": ("WRONG_FORMAT", "must be a multiple of {limit}", "必须是 {limit} 的倍数"),
    }
)


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Every text with its path, depth first."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}")
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")


def _folder_sha256(folder: Path) -> str:
    """SHA-256 over path, NUL, SHA-256 and line end of every file, in order of path."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return total.hexdigest()


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
