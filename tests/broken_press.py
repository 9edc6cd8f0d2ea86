"""A rendering process whose kept layouts are all a pixel wrong, and which proves every agreement.

Run by the pool in the place of `signing.rendering.child`, as `python -m tests.broken_press`.
"""

import dataclasses
import os

from signing.rendering import child
from signing.rendering.fontconfig import configure


def broken(master):
    """The same master with one line moved down by a pixel."""
    from signing.rendering.master import BoxSlot  # noqa: PLC0415 - see `start`

    page = master.pages[0]
    place, slot = next((i, p) for i, p in enumerate(page.parts) if isinstance(p, BoxSlot))
    moved = dataclasses.replace(slot, y=str(float(slot.y) + 1))
    parts = (*page.parts[:place], moved, *page.parts[place + 1 :])
    pages = (dataclasses.replace(page, parts=parts), *master.pages[1:])
    return dataclasses.replace(master, pages=pages)


def start(templates, fonts, *, tags):
    """Import late, as the real process does."""
    os.environ["FONTCONFIG_FILE"] = str(configure(fonts))
    from signing.rendering.gears import Gears  # noqa: PLC0415
    from signing.rendering.press import Press  # noqa: PLC0415

    class BrokenGears(Gears):
        def _master(self, *facts):
            return broken(super()._master(*facts))

    class BrokenPress(Press):
        def __init__(self):
            super().__init__(templates, fonts, tags=tags)
            self._gears = BrokenGears(self._layouter, self._faces, proof_every=1)

    return BrokenPress()


if __name__ == "__main__":
    child.main(start)
