"""Merkle trees as RFC 6962 section 2.1 hashes them (RFC 9162 section 2.1 gives the verifying algorithms).

A tree is a row of leaves, each known by its leaf hash. ``leaf hash = SHA-256(0x00 || data)`` and
``node = SHA-256(0x01 || left || right)``, so that a leaf can never pass for a node. Of ``n > 1`` leaves the left
subtree takes the largest power of two smaller than ``n``. All functions are pure; hashes are 32 bytes; leaves count
from 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || ``data``)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || ``left`` || ``right``), of two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs: the roots of the complete subtrees a tree consists of, the largest (leftmost) first.

    There is one node per 1 in the binary form of ``size``; at most 64 for any log. Raises ``ValueError`` when the
    number of nodes, or the length of one, is not what ``size`` asks for.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.nodes) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves has {self.size.bit_count()} nodes, not {len(self.nodes)}")
        if any(len(node) != HASH_SIZE for node in self.nodes):
            raise ValueError("a node is 32 bytes")

    def append(self, leaf: bytes) -> Frontier:
        """The frontier with one more leaf hash; O(log n) time, one hash on average."""
        node, rest, kept = leaf, self.size, len(self.nodes)
        while rest & 1:
            kept -= 1
            node = node_hash(self.nodes[kept], node)
            rest >>= 1
        return Frontier(self.size + 1, (*self.nodes[:kept], node))

    def root(self) -> bytes:
        """The Merkle tree hash over all leaves appended so far; ``EMPTY_ROOT`` of none."""
        if not self.nodes:
            return EMPTY_ROOT
        folded = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            folded = node_hash(node, folded)
        return folded

    def to_bytes(self) -> bytes:
        """The nodes one after the other; ``from_bytes`` with the size reads them back."""
        return b"".join(self.nodes)

    @classmethod
    def from_bytes(cls, size: int, nodes: bytes) -> Frontier:
        """Read what ``to_bytes`` wrote. Raises ``ValueError`` when it does not fit ``size``."""
        return cls(size, tuple(nodes[at : at + HASH_SIZE] for at in range(0, len(nodes), HASH_SIZE)))


def root(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of leaf hashes, in flat memory."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    return frontier.root()


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """The audit path of leaf ``index``: the siblings on the way from it to the root, the lowest first.

    ``leaves`` are all leaf hashes of the tree. Raises ``ValueError`` when ``index`` is not one of them.
    """
    if not 0 <= index < len(leaves):
        raise ValueError(f"a tree of {len(leaves)} leaves has no leaf {index}")
    path: list[bytes] = []
    start, stop = 0, len(leaves)
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(root(leaves[middle:stop]))
            stop = middle
        else:
            path.append(root(leaves[start:middle]))
            start = middle
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> bool:
    """Whether ``proof`` shows that ``leaf`` is leaf ``index`` of the tree with ``size`` leaves and ``root_hash``.

    RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    at, last, folded = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            folded = node_hash(sibling, folded)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            folded = node_hash(folded, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and folded == root_hash


def consistency_proof(old_size: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """Nodes that show the tree over ``leaves`` to extend the one over its first ``old_size`` (RFC 6962 2.1.2).

    Empty when both are the same. Raises ``ValueError`` unless ``0 < old_size <= len(leaves)``.
    """
    if not 0 < old_size <= len(leaves):
        raise ValueError(f"no consistency proof from {old_size} to {len(leaves)} leaves")
    path: list[bytes] = []
    start, stop, known = 0, len(leaves), True
    while old_size != stop:
        middle = start + _split(stop - start)
        if old_size <= middle:
            path.append(root(leaves[middle:stop]))
            stop = middle
        else:
            path.append(root(leaves[start:middle]))
            start, known = middle, False
    if not known:
        path.append(root(leaves[start:stop]))
    return tuple(reversed(path))


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the tree of ``new_size`` begins with the tree of ``old_size``.

    RFC 9162 section 2.1.4.2. Nothing can be shown about an empty old tree: ``old_size`` 0 is False.
    """
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    nodes = list(proof)
    if old_size & (old_size - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes:
        return False
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_folded = new_folded = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old_folded, new_folded = node_hash(node, old_folded), node_hash(node, new_folded)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new_folded = node_hash(new_folded, node)
        at, last = at >> 1, last >> 1
    return last == 0 and old_folded == old_root and new_folded == new_root


def _split(size: int) -> int:
    """The largest power of two smaller than ``size`` (which is 2 or more)."""
    return 1 << ((size - 1).bit_length() - 1)
