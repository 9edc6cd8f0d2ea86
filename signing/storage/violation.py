"""One way in which what is stored is not as it must be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """`code` is stable upper-case English, `where` names the row or file, `message` is for people.

    Nothing personal appears in any of them.
    """

    code: str
    where: str
    message: str
