"""Which gear prints an agreement: a function of the agreement alone, or gear 2 is off.

Rules kept here (render.md §3):
* gear 2 is for agreements that the setter can promise (E2, E5, E6, E7); all others are drawn whole;
  alone or in a batch, first or last, an agreement takes the same gear and has the same bytes;
* a master is proved on the agreement that it was compiled from, box by box;
* one agreement in a thousand, chosen by its own id, is drawn in both gears and compared page by
  page; a difference switches gear 2 off for its template, for the life of the process, and is told
  as an alarm: then the whole drawing is what is handed out.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from signing.errors import Broken
from signing.pades.plan import FilePlan
from signing.rendering import compiling, textlock
from signing.rendering.basefile import Contents, EmbeddedFonts, base_file, frame
from signing.rendering.fontobjects import STEM_OBJECTS, StemFont
from signing.rendering.fonts import Faces, missing_characters
from signing.rendering.job import Job
from signing.rendering.layout import Layouter, is_known
from signing.rendering.lines import NotExact
from signing.rendering.master import Master, SetUnits, WrittenBoxes
from signing.rendering.pictures import first_difference
from signing.rendering.reading import Reading
from signing.rendering.sheet import Sheet
from signing.rendering.slots import Skeleton, numbered, read_skeleton
from signing.rendering.typesetting import Setter
from signing.rendering.whole import appearance_glyphs, draw_whole, expected, lay_out

SKELETONS, MASTERS = 32, 128
"""How many skeletons (half a megabyte each) and layouts (a seventh of that) are kept."""

PROOF_EVERY = 1000

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Pressed:
    """A base file, its plan, its text, the gear that made it, and what a proof found wrong."""

    pdf: bytes
    plan: FilePlan
    text: str
    page_count: int
    gear: int
    alarm: str = ""


class Recent(OrderedDict[Any, _Value]):
    """The most recently used entries, at most `limit` of them."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def find(self, key: Any) -> _Value | None:
        """The entry, now the newest; None if it is not here."""
        if key in self:
            self.move_to_end(key)
            return self[key]
        return None

    def keep(self, key: Any, value: _Value) -> _Value:
        """Add an entry; the one least used goes."""
        self[key] = value
        while len(self) > self._limit:
            self.popitem(last=False)
        return value


@dataclass
class _Known:
    """What is known of one skeleton: how to set it, its fonts, lines that were written before."""

    skeleton: Skeleton
    setter: Setter
    fonts: Mapping[str, StemFont]
    written: WrittenBoxes = field(default_factory=dict)


class Gears:
    """Prints jobs in whichever gear they belong to."""

    def __init__(
        self,
        layouter: Layouter,
        faces: Faces,
        *,
        proof_every: int = PROOF_EVERY,
        is_fast: Callable[[], bool] = is_known,
    ) -> None:
        self._layouter = layouter
        self._faces = faces
        self._proof_every = proof_every
        self._is_fast = is_fast()
        self._known: Recent[_Known] = Recent(SKELETONS)
        self._masters: Recent[Master] = Recent(MASTERS)
        self._switched_off: set[str] = set()

    def press(self, job: Job) -> Pressed:
        """The base file of a job. Raises Broken."""
        if not self._is_fast or job.template.template_sha256 in self._switched_off:
            return self._whole(job, lay_out(self._layouter, job))
        try:
            known, units = self._set(job)
        except NotExact:
            return self._whole(job, lay_out(self._layouter, job))
        if known is None:
            return self._compile(job)
        master = self._masters.find((_key(job), known.setter.shape(units)))
        if master is None:
            return self._compile(job)
        pressed = self._fill(job, known, master, units)
        return self._proved(job, pressed) if self._is_sampled(job) else pressed

    def _set(self, job: Job) -> tuple[_Known | None, SetUnits]:
        """The skeleton, if it is known, and the job's units set in it. Raises NotExact."""
        known = self._known.find(_key(job))
        if known is None:
            return None, {}
        return known, known.setter.set_all(job.filled.values)

    def _compile(self, job: Job) -> Pressed:
        """Lay the job out whole, make a master of it, print from that; else print it whole."""
        sheet = lay_out(self._layouter, job)
        self._check_glyphs(job)
        try:
            known = self._known.find(_key(job)) or self._read(job)
            reading = Reading(sheet, known.skeleton, job.filled.values).read()
            known = self._learn(job, known, reading)
            units = compiling.prove(reading, known.setter)
            master = self._master(job, known, sheet, reading)
            pressed = self._fill(job, known, master, units)
        except NotExact:
            return self._whole(job, sheet)
        textlock.check(textlock.read_by_pdfium(pressed.pdf), expected(sheet, job))
        self._known.keep(_key(job), known)
        self._masters.keep((_key(job), known.setter.shape(units)), master)
        return pressed

    def _read(self, job: Job) -> _Known:
        """A skeleton met for the first time: its units, nothing learned yet."""
        skeleton = read_skeleton(self._layouter.elements(numbered(job.filled)))
        if skeleton.canonical_text(job.filled.values) != job.text:
            raise NotExact("the skeleton does not read as the page does")
        return _Known(skeleton, Setter(skeleton, {}, self._faces, job.language), {})

    def _learn(self, job: Job, known: _Known, reading: Reading) -> _Known:
        """Add the geometry of units not drawn before; fonts come with the first layout."""
        geometry = compiling.learn_geometry(reading) | dict(known.setter.geometry)
        setter = Setter(known.skeleton, geometry, self._faces, job.language)
        fonts = known.fonts or compiling.stem_fonts(reading, self._faces)
        return _Known(known.skeleton, setter, fonts, known.written)

    def _master(self, job: Job, known: _Known, sheet: Sheet, reading: Reading) -> Master:
        """The layout as frame and programs. Raises NotExact."""
        numbers = {
            tag: sheet.size + place * STEM_OBJECTS for place, tag in enumerate(sorted(known.fonts))
        }
        fonts = EmbeddedFonts([], numbers, sheet.size + len(numbers) * STEM_OBJECTS)
        return Master(
            frame=frame(sheet, fonts, signers=job.signers, language=job.language),
            pages=compiling.programs(reading, known.fonts, job.qr_rows),
            fonts=known.fonts,
            numbers=numbers,
            written=known.written,
        )

    def _fill(self, job: Job, known: _Known, master: Master, units: SetUnits) -> Pressed:
        """Print a job from its master."""
        growths = master.growths()
        tag = next(tag for tag, stem in master.fonts.items() if stem.face.family == "Song")
        letters = growths[tag]
        for character, face, glyph in appearance_glyphs(self._faces, job.appearance_characters):
            if character not in letters.codes:
                letters.add(character, face, glyph)
        pages = master.fill(known.skeleton, job.filled.values, units, job.qr_rows, growths)
        song = letters.stem.plan(master.numbers[tag], letters.added, job.appearance_characters)
        contents = Contents(
            objects=[*pages, *master.font_objects(growths)],
            metadata=job.metadata,
            html=job.composition.page.encode(),
            json=job.data,
            faces={"song": song},
        )
        pdf, plan = base_file(master.frame, contents, file_id=job.file_id)
        text = known.skeleton.canonical_text(job.filled.values)
        return Pressed(pdf, plan, text, len(master.pages), 2)

    def _whole(self, job: Job, sheet: Sheet) -> Pressed:
        self._check_glyphs(job)
        pdf, plan = draw_whole(sheet, job, self._faces)
        return Pressed(pdf, plan, job.text, len(sheet.pages), 1)

    def _check_glyphs(self, job: Job) -> None:
        """Raises Broken: fontconfig would take another face, or draw an empty box, unseen."""
        if missing := missing_characters(job.text, self._faces.coverage):
            numbers = ", ".join(f"U+{ord(character):04X}" for character in missing[:8])
            raise Broken(
                f"no font of the text draws {numbers}",
                f"字库里没有这些字，打印不出来：{''.join(missing[:8])}",
                code="GLYPH_MISSING",
            )

    def _is_sampled(self, job: Job) -> bool:
        """Whether this agreement is one that proves the gears equal: its id decides."""
        return int.from_bytes(job.file_id[:8]) % self._proof_every == 0

    def _proved(self, job: Job, pressed: Pressed) -> Pressed:
        """The agreement as printed, if drawn whole it looks and reads the same."""
        whole = self._whole(job, lay_out(self._layouter, job))
        difference = first_difference(whole.pdf, pressed.pdf)
        if not difference:
            return pressed
        self._switched_off.add(job.template.template_sha256)
        alarm = f"{job.template.kind} {job.template.version}: gear 2 is off, {difference}"
        return Pressed(whole.pdf, whole.plan, whole.text, whole.page_count, 1, alarm)


def _key(job: Job) -> tuple[str, tuple[str, ...], str]:
    """What a skeleton is kept under: template, order of the fields, the skeleton itself."""
    return job.template.template_sha256, tuple(job.signers), job.filled.key
