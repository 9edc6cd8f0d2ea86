"""The Merkle tree of RFC 9162 §2.1, SHA-256.

Rules kept here:

1. A leaf is hashed behind 0x00 and a node behind 0x01, so that none can pass as the other.
2. The two verifying functions follow RFC 9162 §2.1.3.2 and §2.1.4.2 step by step; the steps
   bear the RFC's numbers. They share no code with the functions that make proofs.
3. Every hash has 32 bytes. A shorter "hash" is refused even where it equals its counterpart
   (the public vectors have one case with 12-byte roots that others accept).
4. Proofs are named as ranges of leaves first (`inclusion_ranges`, `consistency_ranges`), so that
   whoever holds tiles instead of leaves makes the same proof.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signing.errors import Malformed

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""MTH({}), RFC 9162 §2.1.1."""

Range = tuple[int, int]
"""Leaves `[start, end)`."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry), RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Frontier:
    """All that is needed of a tree to append to it: its perfect subtrees, largest first.

    `hashes` has as many members as `size` has one-bits. Appending and the root take O(log n).
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a frontier that no tree has."""
        if len(self.hashes) != self.size.bit_count() or not _are_hashes(self.hashes):
            raise Malformed("This is not the frontier of a tree", code="NOT_A_FRONTIER")

    def append(self, leaf: bytes) -> "Frontier":
        """The frontier with one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """The frontier with these leaf hashes appended."""
        size, stack = self.size, list(self.hashes)
        for leaf in leaves:
            subtree = leaf
            ones = size
            while ones & 1:  # each full subtree on the right edge takes the new one in
                subtree = node_hash(stack.pop(), subtree)
                ones >>= 1
            stack.append(subtree)
            size += 1
        return Frontier(size, tuple(stack))

    def root(self) -> bytes:
        """MTH of all leaves so far."""
        return fold(self.hashes) if self.hashes else EMPTY_ROOT

    def to_bytes(self) -> bytes:
        """Size as 8 bytes, big-endian, then the hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Frontier":
        """The inverse of `to_bytes`. Raises Malformed."""
        hashes = data[8:]
        return cls(
            int.from_bytes(data[:8], "big"),
            tuple(hashes[i : i + HASH_SIZE] for i in range(0, len(hashes), HASH_SIZE)),
        )


def fold(subtrees: Sequence[bytes]) -> bytes:
    """The hash over adjacent perfect subtrees of falling size, at least one."""
    *rest, last = subtrees
    for left in reversed(rest):
        last = node_hash(left, last)
    return last


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """MTH over leaf hashes, RFC 9162 §2.1.1."""
    return Frontier().extend(leaves).root()


def perfect_subtrees(start: int, end: int) -> list[Range]:
    """`[start, end)` cut into the largest aligned subtrees of 2^k leaves, left to right.

    For a range of a proof these have falling sizes, so `fold` gives the range's hash.
    """
    parts = []
    while start < end:
        width = 1 << ((end - start).bit_length() - 1)
        if start:
            width = min(width, start & -start)
        parts.append((start, start + width))
        start += width
    return parts


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees whose hashes make PATH(index, D_size), leaf's sibling first; §2.1.3.1.

    Raises Malformed unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise Malformed(f"No leaf {index} in a tree of {size}", code="NO_SUCH_LEAF")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(size1: int, size2: int) -> list[Range]:
    """The subtrees whose hashes make PROOF(size1, D_size2); §2.1.4.1.

    Empty for equal sizes. Raises Malformed unless 0 < size1 <= size2: from an empty tree
    everything follows, which proves nothing.
    """
    if not 0 < size1 <= size2:
        raise Malformed(f"No proof leads from size {size1} to {size2}", code="NO_SUCH_TREE")
    ranges: list[Range] = []
    start, end = 0, size2
    while end != size1:  # SUBPROOF(m, D, b) with the recursion unrolled
        middle = start + _split(end - start)
        if size1 <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # b is false: the verifier cannot know this subtree
        ranges.append((start, end))
    return ranges[::-1]


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(index, leaves) over leaf hashes, leaf's sibling first."""
    return [root_hash(leaves[a:b]) for a, b in inclusion_ranges(index, len(leaves))]


def consistency_proof(size1: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PROOF(size1, leaves) over leaf hashes."""
    return [root_hash(leaves[a:b]) for a, b in consistency_ranges(size1, len(leaves))]


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` shows that leaf hash `leaf` stands at `index` under `root`; §2.1.3.2."""
    if not _are_hashes((leaf, root, *proof)):
        return False
    # 1. The index must lie in the tree.
    if not 0 <= index < size:
        return False
    # 2, 3.
    fn, sn = index, size - 1
    r = leaf
    # 4. For each value p in the path:
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    # 5.
    return sn == 0 and r == root


def verify_consistency(
    *, size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the tree of `size2` only appends to that of `size1`; §2.1.4.2.

    Equal sizes need equal roots and an empty proof. Nothing is shown from an empty tree.
    """
    if not 0 <= size1 <= size2 or not _are_hashes((root1, root2, *proof)):
        return False
    if size1 == size2:
        return root1 == root2 and not proof
    # 1. An empty path proves nothing; neither does a start at the empty tree.
    if not proof or size1 == 0:
        return False
    # 2. A first tree that is a perfect subtree is its own first value.
    first, *rest = (root1, *proof) if size1 & (size1 - 1) == 0 else proof
    # 3, 4.
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    # 5.
    fr = sr = first
    # 6. For each further value c in the path:
    for c in rest:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    # 7.
    return fr == root1 and sr == root2 and sn == 0


def _split(count: int) -> int:
    """The largest power of two below `count`, at least 2 leaves."""
    return 1 << ((count - 1).bit_length() - 1)


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_SIZE for value in values)
