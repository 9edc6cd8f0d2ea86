"""Whether a certificate that is offered could ever make a sound signature for a party.

Asked before the key is used: what the judge would refuse afterwards is refused while it can still
be put right. An issuer without an anchor here is no reason: the verifier may know it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from signing.pades import vocabulary
from signing.verification import certificates, chains
from signing.verification.certificates import Certificate
from signing.verification.reasons import Refused
from signing.verification.signature import usage_problems


def check_offered(
    offered: Sequence[bytes], *, holder: str, anchors: Sequence[Certificate], at: datetime
) -> Certificate:
    """The leaf of `offered` (DER, leaf first), if `holder` may sign with it at that time.

    Raises Refused with the first reason of the judge's rules 6, 8 and 9 that speaks against it.
    """
    chain = [certificates.load(data) for data in offered]
    for problem in _problems(chain, holder, anchors, at):
        raise problem
    return chain[0]


def _problems(
    chain: Sequence[Certificate], holder: str, anchors: Sequence[Certificate], at: datetime
) -> Iterator[Refused]:
    leaf = chain[0]
    yield from usage_problems(leaf)
    if leaf.holder_name() != holder:
        yield Refused("PARTY_NAME", f"{leaf.holder_name()!r}, not {holder!r}")
    if vocabulary.OID_AGREEMENT in leaf.extensions:
        yield Refused("OTHER_AGREEMENT", "it was made for one signature of a phone")
    if at < leaf.not_before:
        yield Refused("NOT_YET_VALID", leaf.not_before.isoformat())
    if at > leaf.not_after:
        yield Refused("EXPIRED", leaf.not_after.isoformat())
    path = chains.find_path(leaf, chain[1:], anchors, at)
    beyond = [sent for sent in chain if sent not in path.certificates]
    if beyond:
        yield Refused("EXTRA_CERTIFICATES", beyond[0].common_name())
