import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from signing.errors import Malformed

ENTRIES = st.lists(st.binary(max_size=4), min_size=1, max_size=70)
EXHAUSTIVE = 40


def hashes(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def flipped(value: bytes, bit: int) -> bytes:
    place = bit % (8 * len(value))
    changed = bytearray(value)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def recursive_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 9162 §2.1.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(recursive_root(leaves[:k]), recursive_root(leaves[k:]))


@given(entries=ENTRIES, data=st.data())
def test_every_leaf_proves_its_own_inclusion_and_no_other(entries, data):
    leaves = [leaf_hash(entry) for entry in entries]
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = inclusion_proof(index, leaves), root_hash(leaves)

    def proven(leaf: bytes, at: int) -> bool:
        return verify_inclusion(leaf=leaf, index=at, size=len(leaves), proof=proof, root=root)

    assert proven(leaves[index], index)
    assert proven(leaves[other], index) is (leaves[other] == leaves[index])
    assert not proven(leaf_hash(b"never logged"), index)
    if other != index and leaves.count(leaves[index]) == 1:
        assert not proven(leaves[index], other)


@pytest.mark.parametrize("size", range(1, EXHAUSTIVE))
def test_a_path_fits_no_other_place_of_any_tree(size):
    leaves = hashes(size)
    root = root_hash(leaves)

    for index in range(size):
        proof = inclusion_proof(index, leaves)
        fits = {
            (at, of)
            for of in range(EXHAUSTIVE)
            for at in range(EXHAUSTIVE)
            if verify_inclusion(leaf=leaves[index], index=at, size=of, proof=proof, root=root)
        }
        # Sizes are bound by the signed checkpoint; the path alone binds the leaf's place in it.
        assert {at for at, of in fits if of == size} == {index}


@pytest.mark.parametrize("size", range(EXHAUSTIVE))
def test_every_prefix_is_consistent_with_the_tree_and_no_forged_prefix_is(size):
    leaves = hashes(size)
    root = root_hash(leaves)

    for earlier in range(1, size + 1):
        proof = consistency_proof(earlier, leaves)
        true_root = root_hash(leaves[:earlier])
        forged_root = root_hash([*leaves[: earlier - 1], leaf_hash(b"rewritten")])
        assert verify_consistency(
            size1=earlier, root1=true_root, size2=size, root2=root, proof=proof
        )
        assert not verify_consistency(
            size1=earlier, root1=forged_root, size2=size, root2=root, proof=proof
        )


def test_nothing_follows_from_an_empty_tree():
    leaves = hashes(3)

    assert not verify_consistency(
        size1=0, root1=EMPTY_ROOT, size2=3, root2=root_hash(leaves), proof=leaves[:1]
    )
    with pytest.raises(Malformed):
        consistency_proof(0, leaves)


@given(size=st.integers(2, 200), bit=st.integers(0, 10**6), data=st.data())
def test_a_flipped_bit_in_an_inclusion_path_is_refused(size, bit, data):
    leaves = hashes(size)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, leaves)
    place = data.draw(st.integers(0, len(proof) - 1))
    proof[place] = flipped(proof[place], bit)

    assert not verify_inclusion(
        leaf=leaves[index], index=index, size=size, proof=proof, root=root_hash(leaves)
    )


@given(size=st.integers(2, 200), bit=st.integers(0, 10**6), data=st.data())
def test_a_flipped_bit_in_a_consistency_proof_is_refused(size, bit, data):
    leaves = hashes(size)
    earlier = data.draw(st.integers(1, size - 1))
    proof = consistency_proof(earlier, leaves)
    place = data.draw(st.integers(0, len(proof) - 1))
    proof[place] = flipped(proof[place], bit)

    assert not verify_consistency(
        size1=earlier,
        root1=root_hash(leaves[:earlier]),
        size2=size,
        root2=root_hash(leaves),
        proof=proof,
    )


@pytest.mark.parametrize("change", [lambda p: p[:-1], lambda p: [*p, p[-1]], lambda p: p[::-1]])
def test_a_path_cut_lengthened_or_turned_is_refused(change):
    leaves = hashes(13)
    proof = change(inclusion_proof(5, leaves))

    assert not verify_inclusion(
        leaf=leaves[5], index=5, size=13, proof=proof, root=root_hash(leaves)
    )


def test_hashes_of_another_length_are_refused_even_where_they_agree():
    assert not verify_consistency(size1=1, root1=b"short", size2=1, root2=b"short", proof=[])
    assert not verify_inclusion(leaf=b"short", index=0, size=1, proof=[], root=b"short")


@given(entries=ENTRIES)
def test_the_root_is_that_of_the_recursive_definition(entries):
    leaves = [leaf_hash(entry) for entry in entries]

    assert root_hash(leaves) == recursive_root(leaves)


@given(entries=ENTRIES, cut=st.integers(0, 70))
def test_a_frontier_grown_in_two_steps_and_stored_between_has_the_same_root(entries, cut):
    leaves = [leaf_hash(entry) for entry in entries]

    stored = Frontier().extend(leaves[:cut]).to_bytes()
    grown = Frontier.from_bytes(stored).extend(leaves[cut:])

    assert grown.size == len(leaves)
    assert grown.root() == root_hash(leaves)


def test_a_frontier_holds_one_hash_for_each_bit_of_its_size():
    frontier = Frontier().extend(hashes(1000))

    assert len(frontier.hashes) == (1000).bit_count()
    assert frontier.append(leaf_hash(b"next")).root() == root_hash(
        [*hashes(1000), leaf_hash(b"next")]
    )


@pytest.mark.parametrize("data", [b"", b"\0" * 7, b"\0" * 8 + b"x" * 32, b"\0" * 7 + b"\1" + b"x"])
def test_a_frontier_that_no_tree_has_is_refused(data):
    with pytest.raises(Malformed):
        Frontier.from_bytes(data + b"!")


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_path_is_made_for_a_leaf_outside_the_tree(index, size):
    with pytest.raises(Malformed):
        inclusion_proof(index, hashes(size))
    assert not verify_inclusion(
        leaf=leaf_hash(b""), index=index, size=size, proof=[], root=leaf_hash(b"")
    )
