"""Keys against what the log tells of them, for `signing check`: three places, one story.

    journal of the key folder  =  events `certificate.revoked`  =  entries of the published lists
    log keys after the first   =  events `log.key_rotated`

Rules kept here: what may have been erased is not missed; a stranger's certificate is on no list.
"""

from collections.abc import Iterator

from signing.domain.stock import KeyTellings
from signing.services.ports.inventory import KeyFolder

Fault = tuple[str, str, str]
"""Code, where, what is wrong."""


def find_key_faults(keys: KeyFolder, told: KeyTellings) -> Iterator[Fault]:
    """Everything in which the three do not agree."""
    revoked, listed = keys.revoked(), keys.listed()
    for serial, issuer in sorted(revoked.items()):
        where = f"serial {serial}"
        if issuer and serial not in listed.get(issuer, frozenset()):
            yield (
                "REVOCATION_UNPUBLISHED",
                where,
                f"revoked, and the list of {issuer} does not say so",
            )
        if serial not in told.serials and not told.is_partly_erased:
            yield "REVOCATION_UNLOGGED", where, "revoked, and no event tells of it"
    on_lists = {serial for serials in listed.values() for serial in serials}
    for serial in sorted((told.serials | on_lists) - revoked.keys()):
        yield "REVOCATION_LOST", f"serial {serial}", "told of as revoked, and the keys know nothing"
    for vkey in keys.log_keys()[:-1]:
        if vkey not in told.log_keys and not told.is_partly_erased:
            yield "LOG_KEY_UNLOGGED", vkey, "no event tells of this log key"
