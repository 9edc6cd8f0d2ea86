"""A process to be killed: writes events, sequences and publishes until it is.

Arguments: URL, path of the checkpoint file, seed. Prints a line when it begins to write.
"""

import itertools
import sys
from datetime import UTC, datetime
from pathlib import Path

from ports.stores import open_store
from signing.domain.search import AgreementFilter


def main(url: str, anchor: str, seed: str) -> None:
    store = open_store(url, anchor=Path(anchor), clock=lambda: datetime.now(UTC))
    with store.database.transaction() as tx:
        agreements, _ = tx.agreements.list("ten_a", AgreementFilter(), limit=9, cursor=None)
    sys.stdout.write("writing\n")
    sys.stdout.flush()
    for turn in itertools.count(int(seed)):
        store.note(agreements[turn % len(agreements)], 1 + turn % 3)
        if turn % 2:
            store.log.publish()


main(*sys.argv[1:])
