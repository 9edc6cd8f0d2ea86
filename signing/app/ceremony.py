"""Key ceremonies from the command line: open the keys, act, write down what became different."""

from collections.abc import Callable, Sequence
from pathlib import Path

from signing.app.adapters import open_keys
from signing.app.application import create_application
from signing.app.chance import now
from signing.config import Config
from signing.errors import NotFound, SigningError
from signing.keystore import transcript
from signing.keystore.files import KeyFolder
from signing.keystore.keystore import Keystore
from signing.keystore.transcript import Inventory
from signing.storage.inventory import check_database

GENERATIONS = ("issuing", "tsa", "log")


def hold_ceremony(
    config: Config,
    title: str,
    act: Callable[[Keystore], object],
    *,
    record: Path | None,
    present: Sequence[str] = (),
) -> str:
    """Do `act` with the keys, made if they are missing; returns the digest of the record, or "".

    Raises Conflict before anything is done if the record is there already.
    """
    if record is not None:
        transcript.check_free(record)
    folder, began = KeyFolder(config.keys_dir), now()
    before = Inventory.of(folder)
    with open_keys(config) as keystore:
        act(keystore)
    if record is None:
        return ""
    return transcript.write(
        record,
        title=title,
        present=present,
        began=began,
        ended=now(),
        before=before,
        after=Inventory.of(folder),
    )


def log_what_happened(config: Config) -> bool:
    """Write into the log what was done to the keys; False if that has to wait for the next start.

    It waits where nothing was stored yet or the database does not answer: the keys are changed all
    the same, and every start looks for what no event tells of.
    """
    try:
        check_database(config.database_url)
        create_application(config).close()
    except SigningError:
        return False
    return True


def follow_seal(keystore: Keystore, *, tenant_id: str, uscc: str, name: str) -> str:
    """A new key for a seal that is there; its serial number, hex.

    `name` "" keeps the holder's. Raises NotFound (`SEAL_UNKNOWN`).
    """
    found = keystore.seals.find_seal(tenant_id, uscc)
    if found is None:
        raise NotFound(
            "No such seal to rotate",
            "没有这枚电子印章，先用 signing seal add 登记",
            code="SEAL_UNKNOWN",
        )
    made = keystore.seals.follow(tenant_id, uscc, name or keystore.seals.holder(found))
    return f"{made.serial:x}"
