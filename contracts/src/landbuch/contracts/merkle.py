"""The Merkle tree of RFC 6962, section 2.1: roots, inclusion proofs, consistency proofs.

Leaves are leaf hashes of 32 bytes. Nothing here knows what a leaf stands for, so the same tree serves a book's
entries and the rows of a trial balance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of a tree without leaves: SHA-256 of nothing."""


def leaf_hash(content: bytes) -> bytes:
    """Hash the content of one leaf: SHA-256 of 0x00 and the content."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children: SHA-256 of 0x01, left, right."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: enough to give the root after each leaf, in memory that grows like log n."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        """Begin empty, or go on from a stored size and its peaks (left to right)."""
        self.size = size
        self._peaks = list(peaks)
        if len(self._peaks) != size.bit_count():
            message = f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(self._peaks)}"
            raise ValueError(message)

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, left to right; store them to go on later."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash on the right."""
        carry, size = leaf, self.size
        while size & 1:
            carry = node_hash(self._peaks.pop(), carry)
            size >>= 1
        self._peaks.append(carry)
        self.size += 1

    def root(self) -> bytes:
        """Give the root of all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        carry = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            carry = node_hash(peak, carry)
        return carry

    def copy(self) -> Frontier:
        """Give an independent copy."""
        return Frontier(self.size, self._peaks)


def root(leaves: Iterable[bytes]) -> bytes:
    """Give the root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Prove that the leaf at ``index`` (from 0) is in the tree over ``leaves`` (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(leaves):
        message = f"there is no leaf {index} among {len(leaves)}"
        raise IndexError(message)
    if len(leaves) == 1:
        return []
    middle = _split_point(len(leaves))
    if index < middle:
        return [*inclusion_proof(leaves[:middle], index), root(leaves[middle:])]
    return [*inclusion_proof(leaves[middle:], index - middle), root(leaves[:middle])]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Check an inclusion proof against a root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, carry = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            carry = node_hash(sibling, carry)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            carry = node_hash(carry, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and carry == expected_root


def consistency_proof(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """Prove that the tree over the first ``size`` leaves is a prefix of the tree over all (RFC 6962, 2.1.2)."""
    if not 0 < size <= len(leaves):
        message = f"the older size must be between 1 and {len(leaves)}, not {size}"
        raise IndexError(message)
    return _subproof(leaves, size, whole=True)


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Check a consistency proof between two roots (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_carry = new_carry = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_carry, new_carry = node_hash(sibling, old_carry), node_hash(sibling, new_carry)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_carry = node_hash(new_carry, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old_carry == old_root and new_carry == new_root


def _subproof(leaves: Sequence[bytes], size: int, *, whole: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if whole else [root(leaves)]
    middle = _split_point(len(leaves))
    if size <= middle:
        return [*_subproof(leaves[:middle], size, whole=whole), root(leaves[middle:])]
    return [*_subproof(leaves[middle:], size - middle, whole=False), root(leaves[:middle])]


def _split_point(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)
