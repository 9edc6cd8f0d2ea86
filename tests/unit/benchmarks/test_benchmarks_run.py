"""Rows of build/bench.json: their shape, and who says whether a target holds."""

import pytest

from benchmarks.run import KEYS, complete, holds, number


@pytest.mark.parametrize(
    ("measured", "target", "verdict"),
    [
        (0.03, "<= 0.03", True),
        (0.031, "<= 0.03", False),
        (0.9, ">= 0.90", True),
        (40, "< 40", False),
        (0, "== 0", True),
        (None, "<= 1", False),
    ],
)
def test_a_figure_meets_its_target_or_misses_it(measured, target, verdict):
    assert holds(measured, target) is verdict


def test_the_ratio_is_judged_where_there_is_one_and_else_the_value():
    against_a_peer = {"name": "render.bulk", "value": 4, "unit": "ms", "ratio": 0.02}
    alone = {"name": "render.differing_pixels", "value": 3, "unit": "pixels"}

    assert complete(against_a_peer | {"target": "<= 0.03"}, "render")["holds"] is True
    assert complete(alone | {"target": "== 0"}, "render")["holds"] is False


def test_a_row_has_all_keys_in_order_and_no_verdict_without_a_target():
    row = complete({"name": "log.append", "unit": "1/s", "value": 9.5}, "log")

    assert tuple(row) == KEYS
    assert row["holds"] is None


@pytest.mark.parametrize(
    "row",
    [
        {"name": "sign.b_t", "value": 1, "unit": "ms"},
        {"name": "render.x", "value": 1, "unit": "ms", "holds": True, "median": 2},
        {"name": "render.x", "value": 1},
    ],
)
def test_a_row_of_another_shape_is_refused(row):
    with pytest.raises(ValueError, match=r"name must begin|unknown keys|missing"):
        complete(row, "render")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "—"), (12345.6, "12346"), (0.012345, "0.01235"), ("a", "a"), (7, "7")],
)
def test_figures_are_printed_without_exponents(value, text):
    assert number(value) == text
