import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.audit import merkle, tiles
from signing.audit.merkle import leaf_hash
from signing.audit.tiles import (
    Tile,
    bundles_of,
    entry_bundle,
    parse_bundle,
    parse_tile_path,
    tile_hashes,
    tile_root,
    tiles_of,
)
from signing.errors import Malformed

LEAVES = [leaf_hash(str(number).encode()) for number in range(66_000)]


def tile_data(size: int) -> dict[Tile, bytes]:
    """All tiles of a tree, by the definition: MTH over 256^level leaves each."""
    data = {}
    for tile in tiles_of(size):
        assert tile.level is not None
        span = 256**tile.level
        first = tile.index * 256
        data[tile] = b"".join(
            merkle.root_hash(LEAVES[n * span : (n + 1) * span])
            for n in range(first, first + tile.width)
        )
    return data


def reader(size: int):
    data = tile_data(size)
    newest = {(tile.level, tile.index): value for tile, value in data.items()}
    return lambda tile: newest[(tile.level, tile.index)]


SIZES = [1, 2, 255, 256, 257, 511, 513, 1000]
READERS = {size: reader(size) for size in SIZES}


@given(size=st.sampled_from(SIZES), data=st.data())
def test_a_path_from_tiles_is_the_path_from_leaves(size, data):
    index = data.draw(st.integers(0, size - 1))

    from_tiles = tiles.inclusion_proof(READERS[size], index, size)

    assert from_tiles == merkle.inclusion_proof(index, LEAVES[:size])


@given(size=st.sampled_from(SIZES), data=st.data())
def test_a_consistency_proof_from_tiles_is_that_from_leaves(size, data):
    earlier = data.draw(st.integers(1, size))

    from_tiles = tiles.consistency_proof(READERS[size], earlier, size)

    assert from_tiles == merkle.consistency_proof(earlier, LEAVES[:size])


def test_proofs_reach_through_three_levels_of_tiles():
    size = len(LEAVES)
    read = reader(size)

    assert tiles.subtree_hash(read, 0, size) == merkle.root_hash(LEAVES)
    for index in (0, 65_535, 65_536, 65_999):
        assert tiles.inclusion_proof(read, index, size) == merkle.inclusion_proof(index, LEAVES)


def test_an_empty_tree_has_no_tiles_and_the_empty_root():
    assert tiles_of(0) == []
    assert tiles.subtree_hash(lambda _: b"", 0, 0) == merkle.EMPTY_ROOT


@given(earlier=st.integers(0, 1200), more=st.integers(0, 1200))
def test_new_tiles_are_those_that_the_smaller_tree_has_not(earlier, more):
    size = earlier + more

    assert set(tiles_of(size, since=earlier)) == set(tiles_of(size)) - set(tiles_of(earlier))
    assert set(bundles_of(size, since=earlier)) == set(bundles_of(size)) - set(bundles_of(earlier))


@given(
    tile=st.builds(
        Tile,
        level=st.none() | st.integers(0, 63),
        index=st.integers(0, 10**10),
        width=st.integers(1, 256),
    )
)
def test_paths_read_back(tile):
    assert parse_tile_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint", "tile/0/1", "tile/00/001", "tile/64/001", "tile/0/x000/001", "tile/0/001/002",
        "tile/0/x001/x002", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/01", "tile/0/001/",
        "tile/entries/../001", "tile/0/００1", "/tile/0/001", "tile/0/001\n",
    ],
)  # fmt: skip
def test_every_other_path_is_refused(path):
    with pytest.raises(Malformed):
        parse_tile_path(path)


@given(entries=st.lists(st.binary(max_size=40), max_size=256))
def test_entries_of_a_bundle_read_back(entries):
    assert parse_bundle(entry_bundle(entries)) == entries


@pytest.mark.parametrize("data", [b"\0", b"\0\2a", b"\0\0" * 257])
def test_a_bundle_that_ends_within_an_entry_or_is_too_long_is_refused(data):
    with pytest.raises(Malformed):
        parse_bundle(data)


def test_an_entry_too_long_for_a_bundle_is_refused():
    with pytest.raises(Malformed):
        entry_bundle([bytes(65_536)])


def test_a_partial_tile_has_no_place_above_and_a_full_one_its_root():
    full = b"".join(LEAVES[:256])

    assert tile_root(full) == merkle.root_hash(LEAVES[:256])
    with pytest.raises(Malformed):
        tile_root(full[32:])


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(257 * 32)])
def test_a_tile_of_another_length_is_refused(data):
    with pytest.raises(Malformed):
        tile_hashes(data)


def test_a_tile_shorter_than_its_tree_is_refused():
    with pytest.raises(Malformed):
        tiles.subtree_hash(lambda _: LEAVES[0], 0, 2)
