"""Cut back to an earlier revision (security.md F18): perfectly signed, and not the agreement."""

import workshop
from attack import Attack


def _state(number):
    return lambda: workshop.standard_states()[number][0]


def _cut(number, more):
    def make():
        end = len(workshop.standard_states()[number][0])
        return workshop.standard_states()[4][0][: end + more]

    return make


ATTACKS = [
    Attack("to_the_base", "nobody has signed", _state(0), "NO_SIGNATURE", outcome="no_signature"),
    Attack("to_revision_1", "the platform alone", _state(1), "INCOMPLETE", outcome="incomplete"),
    Attack("to_revision_2", "two of three parties", _state(2), "INCOMPLETE", outcome="incomplete"),
    Attack(
        "archive_cut_off",
        "all parties, no archive: B-T, still valid the same day",
        _state(3),
        "NOT_ARCHIVED",
        outcome="valid",
    ),
    Attack(
        "inside_an_object",
        "cut in the middle of the worker's increment",
        _cut(2, 1_000),
        "TRAILING_BYTES",
    ),
    Attack("last_line_feed_gone", "the very last byte is gone", _cut(4, -1), "BYTE_RANGE"),
    Attack("end_mark_broken", "the last two bytes are gone", _cut(4, -2), "TRAILING_BYTES"),
    Attack("in_the_table", "cut inside the last table", _cut(4, -120), "TRAILING_BYTES"),
    Attack(
        "half",
        "the first half of the file",
        lambda: workshop.standard_states()[4][0][:120_000],
        "TRAILING_BYTES",
    ),
]
