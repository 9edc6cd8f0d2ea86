import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing.audit.note import COSIGNATURE_V1, ED25519, Note, VerifierKey
from signing.audit.policy import MAX_GROUPS, Policy, parse_policy
from signing.errors import Malformed


def vkey(seed: int, signature_type: int = COSIGNATURE_V1) -> str:
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return VerifierKey(f"k{seed}", signature_type, key.public_key().public_bytes_raw()).vkey


LOG = f"log {vkey(1, ED25519)}\n"
WITNESSES = "".join(f"witness w{seed} {vkey(seed)}\n" for seed in (2, 3, 4, 5))


def holds(policy: Policy, *seen: str) -> bool:
    assert policy.quorum is not None
    return policy._holds(policy.quorum, {name.encode() for name in seen})


def test_comments_blank_lines_tabs_and_urls_are_allowed():
    text = f"# trust\n\n \t log\t{vkey(1, ED25519)}  https://log.example/ \n\t# more\nquorum none"

    policy = parse_policy(text.encode())

    assert [log.name for log in policy.logs] == ["k1"]
    assert policy.is_met(Note("", ()))


def test_groups_of_groups_hold_as_their_thresholds_say():
    text = f"{WITNESSES}group x 2 w2 w3 w4\ngroup both all x w5\nquorum both\n"

    policy = parse_policy(text.encode())

    assert holds(policy, "w2", "w4", "w5")
    assert not holds(policy, "w2", "w3", "w4")
    assert not holds(policy, "w2", "w5")


def test_any_is_one_and_all_is_every_member():
    any_of = parse_policy(f"{WITNESSES}group g any w2 w3\nquorum g".encode())
    all_of = parse_policy(f"{WITNESSES}group g all w2 w3\nquorum g".encode())

    assert holds(any_of, "w3")
    assert not holds(all_of, "w3")


def test_a_single_witness_can_be_the_quorum():
    policy = parse_policy(f"{WITNESSES}quorum w3".encode())

    assert holds(policy, "w3")
    assert not holds(policy, "w2")


@pytest.mark.parametrize(
    "text",
    [
        LOG,
        "quorum none\nquorum none",
        f"{LOG}{LOG}quorum none",
        f"witness a {vkey(2)}\nwitness b {vkey(2)}\nquorum a",
        f"witness a {vkey(2)}\nwitness a {vkey(3)}\nquorum a",
        f"witness none {vkey(2)}\nquorum none",
        f"quorum a\nwitness a {vkey(2)}",
        f"{WITNESSES}group g any w2 w2\nquorum g",
        f"{WITNESSES}group g any w2\ngroup h any w2\nquorum h",
        f"{WITNESSES}group g 0 w2\nquorum g",
        f"{WITNESSES}group g 2 w2\nquorum g",
        f"{WITNESSES}group g 01 w2\nquorum g",
        f"{WITNESSES}group g any\nquorum none",
        f"{WITNESSES}group g any none\nquorum g",
        f"{WITNESSES}group g any g\nquorum g",
        f"log {vkey(1)}\nquorum none",
        "log nonsense\nquorum none",
        "log \xff\nquorum none",
        "trust everybody\nquorum none",
        "quorum none\r\n",
        "quorum none\x00",
        "quorum",
        "quorum none please",
    ],
)
def test_a_policy_that_breaks_a_rule_is_refused(text):
    with pytest.raises(Malformed):
        parse_policy(text.encode("latin-1"))


def test_a_policy_too_deep_to_judge_is_refused():
    chain = "".join(f"group g{n} any g{n - 1}\n" for n in range(1, MAX_GROUPS + 1))

    with pytest.raises(Malformed):
        parse_policy(f"{WITNESSES}group g0 any w2\n{chain}quorum g1".encode())
