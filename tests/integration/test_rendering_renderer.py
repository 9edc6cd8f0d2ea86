import hashlib
import io
import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from signing.domain.canonical_text import text_sha256
from signing.errors import Broken
from signing.pades import appearance, dictionary
from signing.rendering import textlock
from signing.rendering.renderer import Renderer

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "tests" / "templates"
FONTS = ROOT / "build" / "fonts"


@pytest.fixture(scope="module")
def renderer():
    made = Renderer(TEMPLATES, FONTS)
    yield made
    made.close()


def document(**changes):
    path = TEMPLATES / "written_agreement" / "2026.1" / "examples" / "rider.json"
    body = json.loads(path.read_text("utf-8"))
    issued = {
        "id": "agr_00000000000000000000000000000001",
        "number": "HN-WA-20261125-00000001",
        "created_at": "2026-11-25T08:00:00Z",
        "party_ids": ["pty_1", "pty_2"],
        "verify_url": "http://127.0.0.1:8000/verify?n=HN-WA-20261125-00000001",
    }
    return body | {"issued": issued, "test_certificates": True} | changes


def with_values(**changes):
    made = document()
    return made | {"values": made["values"] | changes}


def opened(pdf):
    return pikepdf.open(io.BytesIO(pdf))


def test_the_same_document_gives_the_same_bytes_in_another_process(renderer):
    first = renderer.render(document())

    other = Renderer(TEMPLATES, FONTS)
    second = other.render(document())
    other.close()

    assert hashlib.sha256(second.pdf).digest() == hashlib.sha256(first.pdf).digest()
    assert second.renderer_id == first.renderer_id


def test_the_phone_the_attachment_and_the_pdf_read_alike(renderer):
    made = renderer.render(document())

    assert text_sha256(made.html) == made.text_sha256
    assert text_sha256(made.fragment) == made.text_sha256
    with opened(made.pdf) as pdf:
        attached = pdf.attachments["contract.html"].get_file().read_bytes()
    assert attached.decode() == made.html


def test_the_attached_json_renders_the_same_file_again(renderer):
    made = renderer.render(document())
    with opened(made.pdf) as pdf:
        attached = json.loads(pdf.attachments["agreement.json"].get_file().read_bytes())

    assert renderer.render(attached).pdf == made.pdf


def test_the_base_file_is_of_the_grammar_that_signing_wants(renderer):
    made = renderer.render(document())

    assert made.pdf.startswith(b"%PDF-1.7")
    assert b"/ObjStm" not in made.pdf
    assert b"/XRef" not in made.pdf
    assert made.pdf.count(b"startxref") == 1
    with opened(made.pdf) as pdf:
        root = pdf.Root
        fields = root.AcroForm.Fields
        assert root.AcroForm.is_indirect
        assert int(root.AcroForm.SigFlags) == 3
        assert [str(field.T) for field in fields] == ["enterprise", "worker", "archive"]
        assert len(root.AF) == 2
        assert int(root.Extensions.ESIC.ExtensionLevel) == 1
        assert str(fields[1].Lock.Action) == "/Exclude"
        assert "/Lock" not in fields[0]
        assert int(fields[1].F) == 132


def test_the_lock_moves_to_whoever_signs_last(renderer):
    made = renderer.render(document(order="worker_first"))

    locked = [
        n for n, f in made.plan.fields.items() if b"/Lock" in dictionary.entries(f.dictionary)
    ]
    assert locked == ["enterprise"]


def test_the_plan_describes_the_file(renderer):
    made = renderer.render(document())
    plan = made.plan

    assert plan.length == len(made.pdf)
    assert plan.sha256 == hashlib.sha256(made.pdf).hexdigest()
    assert made.pdf[plan.startxref :].startswith(b"xref\n0 %d\n" % plan.size)
    assert b"%d 0 obj\n%s\nendobj\n" % (plan.root_number, plan.root_dictionary) in made.pdf
    for field in plan.fields.values():
        assert b"%d 0 obj\n%s\nendobj\n" % (field.number, field.dictionary) in made.pdf
    assert b"/ID" + plan.file_id in made.pdf


def test_the_plan_has_every_glyph_of_the_names_and_of_the_seal(renderer):
    made = renderer.render(document())
    song = made.plan.faces["song"]

    names = "".join(party["name"] for party in document()["parties"])
    assert set(names) | set("签署时间2026-11-25测试证书仅供") <= song.glyphs.keys()
    with opened(made.pdf) as pdf:
        cmap = pdf.get_object(song.number, 0).ToUnicode.read_bytes()
    assert textlock.to_unicode(cmap)[int(song.glyphs["张"], 16)] == "张"


def test_a_rare_name_prints_and_comes_with_a_face_that_draws_it(renderer):
    made = document()
    made["parties"][1]["name"] = "𠅤𡋾"

    rendered = renderer.render(made)

    assert any("𡋾" in face.glyphs for face in rendered.plan.faces.values())
    assert renderer.check_glyphs(made) == ()


def test_a_character_that_no_font_has_is_found_before_rendering(renderer):
    made = document()
    made["parties"][1]["name"] = "张\U0003106c"

    (finding,) = renderer.check_glyphs(made)

    assert finding.rule == "GLYPH_MISSING"
    assert finding.path == "parties[1].name"
    assert "U+3106C" in finding.message_zh
    with pytest.raises(Broken):
        renderer.render(made)


def test_markup_in_a_value_is_text(renderer):
    hostile = '<img src="file:///etc/passwd"><script>alert(1)</script>'

    made = renderer.render(with_values(duties=hostile))

    assert "&lt;script&gt;" in made.fragment
    assert "<script" not in made.html


def test_a_table_over_two_pages_keeps_the_text_lock(renderer):
    rows = [{"name": f"第{n}项补贴", "amount_fen": 100 * n} for n in range(60)]

    made = renderer.render(with_values(items=rows))

    assert made.page_count > 2


def test_qpdf_finds_no_error(renderer, tmp_path):
    path = tmp_path / "base.pdf"
    path.write_bytes(renderer.render(document()).pdf)

    checked = subprocess.run(
        ["qpdf", "--check", str(path)], check=False, capture_output=True, text=True
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_xmp_and_info_say_the_same(renderer):
    made = renderer.render(document())

    with opened(made.pdf) as pdf:
        xmp = pdf.Root.Metadata.read_bytes().decode()
        info = pdf.docinfo
        assert str(info.Title) in xmp
        assert str(info.Author) in xmp
        assert str(info.Producer) in xmp
        assert str(info.CreationDate) == "D:20261125080000Z"
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>U</pdfaid:conformance>" in xmp
    assert re.search(r"<xmp:CreateDate>2026-11-25T08:00:00Z<", xmp)


def test_missing_fonts_stop_the_start_with_what_to_do(tmp_path):
    broken = Renderer(TEMPLATES, tmp_path)

    with pytest.raises(Broken) as caught:
        broken.render(document())

    assert caught.value.code == "FONTS_MISSING"
    assert "make fonts" in caught.value.message_zh
    broken.close()


def facts():
    sha = "0" * 64
    return {
        "generated_at": "2026-11-25T09:00:00Z",
        "agreement": {
            "id": "agr_1",
            "number": "HN-WA-20261125-00000001",
            "kind": "written_agreement",
            "status": "completed",
            "created_at": "2026-11-25T08:00:00Z",
            "completed_at": None,
            "template_version": "2026.1",
            "template_sha256": sha,
            "rule_pack_version": "2026-01",
            "renderer_id": sha,
            "text_sha256": sha,
            "document_sha256": sha,
            "archive_sha256": None,
            "test_certificates": True,
        },
        "parties": [
            {
                "id": "pty_1",
                "role": "worker",
                "name": "张*",
                "number": "4301**********1234",
                "phone": "138****1111",
                "custody": "device",
                "status": "signed",
                "signed_at": "2026-11-25T08:30:00Z",
                "signed_sha256": sha,
            }
        ],
        "events": [
            {
                "n": 1,
                "type": "party.question_asked",
                "at": "2026-11-25T08:10:00Z",
                "party_id": "pty_1",
                "index": 4,
                "leaf_sha256": sha,
                "payload": {"text": "为什么\U0001fae8<b>扣钱</b>？"},
            }
        ],
        "checkpoint": "log.example/1\n5\nAAAA\n",
        "tree_size": 5,
    }


def test_the_report_prints_whatever_an_event_holds(renderer):
    pdf = renderer.evidence_report(facts())

    text = "".join(textlock.read_by_pdfium(pdf)).replace("\r\n", "")
    assert "为什么[U+1FAE8]<b>扣钱</b>？" in text
    assert "2026-11-25 16:30:00 +08:00" in text
    assert renderer.evidence_report(facts()) == pdf


def test_seal_ink_and_typed_name_find_their_glyphs_in_the_plan(renderer):
    made = document()
    made["parties"][1]["name"] = "𠅤三"
    plan = renderer.render(made).plan
    time = datetime(2026, 11, 25, 9, tzinfo=UTC)
    enterprise = made["parties"][0]["name"]

    seal = appearance.seal_appearance(
        plan, "enterprise", name=enterprise, signing_time=time, is_test=True
    )
    name = appearance.typed_appearance(plan, "worker", name="𠅤三", signing_time=time, is_test=True)

    reference = b"/F1 %d 0 R" % plan.faces["song"].number
    assert reference in seal
    assert reference in name
    assert plan.faces["song"].glyphs["𠅤"].encode() in textlock.inflate(name)


def test_a_font_too_many_stops_the_start(tmp_path):
    for path in FONTS.glob("*.ttf"):
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "Stranger.otf").write_bytes(b"OTTO")
    crowded = Renderer(TEMPLATES, tmp_path)

    with pytest.raises(Broken) as caught:
        crowded.render(document())

    assert caught.value.code == "FONTS_MISSING"
    assert "Stranger.otf" in caught.value.message
    crowded.close()


def test_a_face_that_was_changed_stops_the_start(tmp_path):
    for path in FONTS.glob("*.ttf"):
        (tmp_path / path.name).write_bytes(path.read_bytes() + b"\0")
    changed = Renderer(TEMPLATES, tmp_path)

    with pytest.raises(Broken) as caught:
        changed.render(document())

    assert caught.value.code == "FONTS_MISSING"
    changed.close()
