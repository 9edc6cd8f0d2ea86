import io

from signing import errors
from signing.rendering import frames


def round_trip(header, blob=b""):
    pipe = io.BytesIO()
    frames.write(pipe, header, blob)
    pipe.seek(0)
    return frames.read(pipe.read)


def test_a_message_arrives_as_it_was_sent():
    assert round_trip({"名": "张三"}, b"%PDF") == ({"名": "张三"}, b"%PDF")


def test_a_side_that_is_gone_is_none_and_not_an_error():
    assert frames.read(io.BytesIO(b"").read) is None
    assert frames.read(io.BytesIO(b"\x00\x00\x00\x09\x00\x00\x00\x00{}").read) is None


def test_errors_cross_with_code_and_both_languages():
    sent = errors.NotFound("nothing", "没有", code="TEMPLATE_UNKNOWN")

    received = frames.error_of(frames.error_header(sent))

    assert isinstance(received, errors.NotFound)
    assert (received.code, received.message_zh) == ("TEMPLATE_UNKNOWN", "没有")


def test_field_errors_cross_with_their_paths():
    sent = errors.Invalid([errors.FieldError("values.x", "REQUIRED", "is required", "必填")])

    received = frames.error_of(frames.error_header(sent))

    assert received.errors == sent.errors


def test_what_is_not_ours_becomes_broken():
    received = frames.error_of(frames.error_header(RecursionError("deep")))

    assert isinstance(received, errors.Broken)
    assert received.code == "RENDER_FAILED"
