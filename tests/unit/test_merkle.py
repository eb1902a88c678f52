"""RFC 6962 trees against the published vectors, and against a naive tree written from the definition."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.proofs import merkle

LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243")] + [
    bytes(range(0x50, 0x58)),
    bytes(range(0x60, 0x70)),
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (number of the leaf from 0, size of the tree, path)
INCLUSION = [
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        7,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]


def naive_root(data: Sequence[bytes]) -> bytes:
    """MTH(D) word for word from RFC 6962 section 2.1."""
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    half = 1
    while half * 2 < len(data):
        half *= 2
    return hashlib.sha256(b"\x01" + naive_root(data[:half]) + naive_root(data[half:])).digest()


def test_roots_of_the_published_vectors() -> None:
    for size, expected in enumerate(ROOTS):
        assert merkle.root(HASHES[:size]).hex() == expected


@pytest.mark.parametrize("index,size,path", INCLUSION)
def test_inclusion_proofs_of_the_published_vectors(index: int, size: int, path: list[str]) -> None:
    proof = merkle.inclusion_proof(index, HASHES[:size])
    assert [node.hex() for node in proof] == path
    assert merkle.verify_inclusion(HASHES[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize("old,new,path", CONSISTENCY)
def test_consistency_proofs_of_the_published_vectors(old: int, new: int, path: list[str]) -> None:
    proof = merkle.consistency_proof(old, HASHES[:new])
    assert [node.hex() for node in proof] == path
    assert merkle.verify_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), proof)


def test_a_leaf_never_passes_for_a_node() -> None:
    left, right = HASHES[:2]
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_frontier_says_what_the_definition_says(data: list[bytes]) -> None:
    frontier = merkle.Frontier()
    for size, item in enumerate(data):
        assert frontier.root() == naive_root(data[:size])
        frontier = merkle.Frontier.from_bytes(frontier.size, frontier.to_bytes()).append(merkle.leaf_hash(item))
    assert frontier.size == len(data)
    assert frontier.root() == naive_root(data)


@given(st.integers(1, 40), st.data())
def test_every_inclusion_proof_holds_and_no_other_leaf_size_or_place(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    root, proof = merkle.root(leaves), merkle.inclusion_proof(index, leaves)
    assert merkle.verify_inclusion(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(-1, size + 1))
    assert merkle.verify_inclusion(leaves[index], other, size, proof, root) == (other == index)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"another"), index, size, proof, root)
    assert not merkle.verify_inclusion(leaves[index], index, size, (*proof, root), root)
    assert not proof or not merkle.verify_inclusion(leaves[index], index, size, proof[:-1], root)


@given(st.integers(1, 40), st.data())
def test_every_consistency_proof_holds_and_no_other_history(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    old = data.draw(st.integers(1, size))
    old_root, root = merkle.root(leaves[:old]), merkle.root(leaves)
    proof = merkle.consistency_proof(old, leaves)
    assert merkle.verify_consistency(old, size, old_root, root, proof)
    changed = [*leaves]
    changed[data.draw(st.integers(0, old - 1))] = merkle.leaf_hash(b"another")
    assert not merkle.verify_consistency(old, size, merkle.root(changed[:old]), root, proof)
    rewritten = merkle.consistency_proof(old, changed)
    assert not merkle.verify_consistency(old, size, old_root, merkle.root(changed), rewritten)
    assert not merkle.verify_consistency(old, size, old_root, root, (*proof, root))


def test_nothing_is_proven_about_an_empty_or_larger_old_tree() -> None:
    root = merkle.root(HASHES)
    assert not merkle.verify_consistency(0, 8, merkle.EMPTY_ROOT, root, ())
    assert not merkle.verify_consistency(9, 8, root, root, ())
    with pytest.raises(ValueError, match="no consistency proof"):
        merkle.consistency_proof(0, HASHES)
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(8, HASHES)


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="a tree of 3 leaves"):
        merkle.Frontier(3, (HASHES[0],))
    with pytest.raises(ValueError, match="32 bytes"):
        merkle.Frontier(1, (b"short",))
    with pytest.raises(ValueError, match="a tree of 1 leaves"):
        merkle.Frontier.from_bytes(1, b"")
