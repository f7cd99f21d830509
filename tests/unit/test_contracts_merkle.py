"""The Merkle tree of RFC 6962, against known roots and a second implementation."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from landbuch.contracts.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

CT_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Leaves and roots with which the reference implementation of Certificate Transparency is tested."""
COUNT = 3000 if os.environ.get("LANDBUCH_TEST_COUNTS") == "full" else 300
LEAVES = [leaf_hash(index.to_bytes(8, "big")) for index in range(COUNT)]
SIZES = st.integers(1, 70)


def flipped(node: bytes, bit: int) -> bytes:
    """The node with one bit the other way."""
    changed = bytearray(node)
    changed[bit // 8 % len(node)] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root(leaf_hash(bytes.fromhex(leaf)) for leaf in CT_LEAVES[:size]).hex() == CT_ROOTS[size]


def test_the_roots_are_those_of_another_implementation() -> None:
    other = InmemoryTree(algorithm="sha256")
    frontier = Frontier()
    for index, leaf in enumerate(LEAVES):
        other.append_entry(index.to_bytes(8, "big"))
        frontier.append(leaf)
        assert frontier.root() == other.get_root()


@given(SIZES, st.data())
def test_every_leaf_proves_its_inclusion(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(LEAVES[:size], index)
    assert verify_inclusion(LEAVES[index], index, size, proof, root(LEAVES[:size]))


@given(SIZES, st.data())
def test_an_inclusion_proof_with_any_bit_flipped_fails(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    whole = [LEAVES[index], root(LEAVES[:size]), *inclusion_proof(LEAVES[:size], index)]
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = flipped(whole[at], data.draw(st.integers(0, 255)))
    assert not verify_inclusion(whole[0], index, size, whole[2:], whole[1])


@given(SIZES, st.data())
def test_an_inclusion_proof_holds_for_its_own_place_only(size: int, data: st.DataObject) -> None:
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(-1, size))
    proof = inclusion_proof(LEAVES[:size], index)
    assert verify_inclusion(LEAVES[index], other, size, proof, root(LEAVES[:size])) == (other == index)


@given(SIZES, st.data())
def test_a_proof_that_is_too_long_or_too_short_fails(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(LEAVES[:size], index)
    assert not verify_inclusion(LEAVES[index], index, size, [*proof, EMPTY_ROOT], root(LEAVES[:size]))
    assert not proof or not verify_inclusion(LEAVES[index], index, size, proof[:-1], root(LEAVES[:size]))


@given(SIZES, st.data())
def test_every_older_tree_proves_that_it_is_the_beginning(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    proof = consistency_proof(LEAVES[:size], old)
    assert verify_consistency(old, size, root(LEAVES[:old]), root(LEAVES[:size]), proof)


@given(SIZES, st.data())
def test_a_consistency_proof_with_any_bit_flipped_fails(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    whole = [root(LEAVES[:old]), root(LEAVES[:size]), *consistency_proof(LEAVES[:size], old)]
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = flipped(whole[at], data.draw(st.integers(0, 255)))
    assert not verify_consistency(old, size, whole[0], whole[1], whole[2:])


@given(st.integers(2, 70), st.data())
def test_a_rewritten_past_is_not_consistent(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    altered = data.draw(st.integers(0, old - 1))
    rewritten = [flipped(leaf, 0) if index == altered else leaf for index, leaf in enumerate(LEAVES[:size])]
    proof = consistency_proof(rewritten, old)
    assert not verify_consistency(old, size, root(LEAVES[:old]), root(rewritten), proof)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5), (0, 0)])
def test_sizes_that_cannot_be_are_not_consistent(old: int, new: int) -> None:
    assert not verify_consistency(old, new, EMPTY_ROOT, EMPTY_ROOT, [])


@pytest.mark.parametrize("index", [-1, 5])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(LEAVES[:5], index)


@pytest.mark.parametrize("old", [0, 6])
def test_there_is_no_proof_from_a_size_that_never_was(old: int) -> None:
    with pytest.raises(IndexError):
        consistency_proof(LEAVES[:5], old)


@given(st.integers(0, 70), st.integers(0, 70))
def test_a_stored_frontier_goes_on_where_it_stopped(stored: int, size: int) -> None:
    first = Frontier()
    for leaf in LEAVES[:stored]:
        first.append(leaf)
    second = Frontier(first.size, first.peaks)
    copied = first.copy()
    for leaf in LEAVES[stored : stored + size]:
        second.append(leaf)
        copied.append(leaf)
    assert second.root() == copied.root() == root(LEAVES[: stored + size])
    assert first.root() == root(LEAVES[:stored])


def test_a_frontier_with_the_wrong_number_of_peaks_is_refused() -> None:
    with pytest.raises(ValueError, match="a tree of 3 leaves has 2 peaks, not 1"):
        Frontier(3, [EMPTY_ROOT])
