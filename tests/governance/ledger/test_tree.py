"""The tree against the published vectors, a naive definition, and every verifier trap."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.ledger import tree
from governance.ledger.envelope import hash_leaf
from tests.governance.ledger.vectors import CONSISTENCY_6_TO_8, INCLUSION_0_OF_8, LEAVES, ROOTS

HASHES = [hash_leaf(leaf) for leaf in LEAVES]
MANY = [hash_leaf(bytes([number])) for number in range(64)]


def naive_root(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    middle = split(len(hashes))
    left, right = naive_root(hashes[:middle]), naive_root(hashes[middle:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def naive_path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1."""
    if len(hashes) == 1:
        return []
    middle = split(len(hashes))
    if index < middle:
        return [*naive_path(index, hashes[:middle]), naive_root(hashes[middle:])]
    return [*naive_path(index - middle, hashes[middle:]), naive_root(hashes[:middle])]


def naive_proof(size: int, hashes: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """RFC 6962, section 2.1.2."""
    if size == len(hashes):
        return [] if whole else [naive_root(hashes)]
    middle = split(len(hashes))
    if size <= middle:
        return [*naive_proof(size, hashes[:middle], whole=whole), naive_root(hashes[middle:])]
    return [
        *naive_proof(size - middle, hashes[middle:], whole=False),
        naive_root(hashes[:middle]),
    ]


def split(length: int) -> int:
    middle = 1
    while middle * 2 < length:
        middle *= 2
    return middle


def node_of(hashes: Sequence[bytes]):
    return lambda node: naive_root(hashes[node[1] << node[0] : (node[1] + 1) << node[0]])


def inclusion(index: int, hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    return tree.prove(tree.inclusion_spans(index=index, size=len(hashes)), node_of(hashes))


def consistency(size1: int, hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    return tree.prove(tree.consistency_spans(size1=size1, size2=len(hashes)), node_of(hashes))


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    assert tree.root_of(HASHES[:size]).hex() == ROOTS[size]


def test_published_hasher() -> None:
    leaf = "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    node = "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    assert hash_leaf(b"L123456").hex() == leaf
    assert tree.hash_children(b"N123", b"N456").hex() == node


def test_published_proofs() -> None:
    assert [item.hex() for item in inclusion(0, HASHES)] == INCLUSION_0_OF_8
    assert [item.hex() for item in consistency(6, HASHES)] == CONSISTENCY_6_TO_8


@given(st.integers(1, 64).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_inclusion_agrees_with_the_definition(place: tuple[int, int]) -> None:
    index, size = place
    hashes = MANY[:size]
    proof = inclusion(index, hashes)
    assert list(proof) == naive_path(index, hashes)
    assert tree.verify_inclusion(
        index=index, size=size, leaf_hash=MANY[index], proof=proof, root=naive_root(hashes)
    )


def test_every_inclusion_and_consistency_proof_up_to_64_holds() -> None:
    for size in range(1, 65):
        hashes = MANY[:size]
        root = naive_root(hashes)
        for index in range(size):
            proof = inclusion(index, hashes)
            assert tree.verify_inclusion(
                index=index, size=size, leaf_hash=MANY[index], proof=proof, root=root
            )
        for size1 in range(1, size + 1):
            proof = consistency(size1, hashes)
            assert list(proof) == naive_proof(size1, hashes)
            assert tree.verify_consistency(
                size1=size1, root1=naive_root(MANY[:size1]), size2=size, root2=root, proof=proof
            )


@given(st.lists(st.binary(max_size=8), max_size=64), st.integers(0, 64))
def test_growing_in_two_parts_is_growing_at_once(leaves: list[bytes], cut: int) -> None:
    hashes = [hash_leaf(leaf) for leaf in leaves]
    first = tree.RightEdge()
    completed = [node for item in hashes[:cut] for node in first.append(item)]
    second = tree.RightEdge(first.size, first.peaks)
    completed += [node for item in hashes[cut:] for node in second.append(item)]
    assert second.root() == naive_root(hashes)
    assert len(completed) == len(hashes) - len(hashes).bit_count()
    for level, index, node in completed:
        assert node == node_of(hashes)((level, index))
    assert second.peaks == tuple(node_of(hashes)(node) for node in tree.edge_nodes(len(hashes)))


def test_an_edge_needs_its_peaks() -> None:
    with pytest.raises(ValueError, match="2 peaks"):
        tree.RightEdge(3, [MANY[0]])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (8, 8), (-1, 8)])
def test_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        tree.inclusion_spans(index=index, size=size)


@pytest.mark.parametrize(("size1", "size2"), [(0, 0), (0, 8), (9, 8), (-1, 8)])
def test_no_consistency_proof_from_nothing_or_backwards(size1: int, size2: int) -> None:
    with pytest.raises(ValueError, match="no consistency proof"):
        tree.consistency_spans(size1=size1, size2=size2)


def bad_proofs(proof: Sequence[bytes]) -> list[list[bytes]]:
    """Proofs that must fail whatever else is right."""
    found = [
        [*proof, bytes(32)],
        [bytes(32), *proof],
        [*proof, *proof, bytes(32)],
        [*proof] + [bytes(32)] * 64,
    ]
    for place in range(len(proof)):
        found.append([*proof[:place], *proof[place + 1 :]])
        found.append([*proof[:place], proof[place][:31], *proof[place + 1 :]])
        found.append([*proof[:place], proof[place] + b"\0", *proof[place + 1 :]])
        found.append([*proof[:place], bytes(32), *proof[place + 1 :]])
    if len(proof) > 1:
        found.append([*reversed(proof)])
    return found


@pytest.mark.parametrize("size", range(1, 17))
def test_every_bent_inclusion_proof_fails(size: int) -> None:
    hashes = MANY[:size]
    root = naive_root(hashes)
    for index in range(size):
        good = {
            "index": index,
            "size": size,
            "leaf_hash": MANY[index],
            "proof": inclusion(index, hashes),
            "root": root,
        }
        bent = [{"proof": proof} for proof in bad_proofs(inclusion(index, hashes))]
        bent += [{"index": other} for other in (-1, index ^ 1, size, size + 1) if other != index]
        bent += [{"size": 0}, {"size": index}, {"root": MANY[63]}, {"leaf_hash": MANY[63]}]
        bent += [{"root": root[:31]}, {"leaf_hash": MANY[index][:31]}, {"root": b""}]
        assert tree.verify_inclusion(**good)
        for change in bent:
            assert not tree.verify_inclusion(**{**good, **change}), change


def test_a_larger_size_needs_a_longer_proof() -> None:
    proof = inclusion(0, MANY[:8])
    for size in (1, 2, 3, 4, 9, 16, 2**70):
        assert not tree.verify_inclusion(
            index=0, size=size, leaf_hash=MANY[0], proof=proof, root=naive_root(MANY[:8])
        )


@pytest.mark.parametrize("size2", range(1, 17))
def test_every_bent_consistency_proof_fails(size2: int) -> None:
    hashes = MANY[:size2]
    root2 = naive_root(hashes)
    for size1 in range(1, size2 + 1):
        root1 = naive_root(MANY[:size1])
        good = {
            "size1": size1,
            "root1": root1,
            "size2": size2,
            "root2": root2,
            "proof": consistency(size1, hashes),
        }
        bent = [{"proof": proof} for proof in bad_proofs(consistency(size1, hashes))]
        bent += [{"root1": MANY[63]}, {"root2": MANY[63]}, {"root1": root1[:31]}, {"root2": b""}]
        bent += [{"size1": 0}, {"size1": -1}, {"size1": size2 + 1}, {"size2": size1 - 1}]
        if size1 != size2:
            bent += [{"root1": root2, "root2": root1}, {"size2": size1}, {"proof": []}]
        assert tree.verify_consistency(**good)
        for change in bent:
            assert not tree.verify_consistency(**{**good, **change}), change


def test_size_zero_is_the_empty_root_and_the_beginning_of_nothing() -> None:
    empty, other = tree.EMPTY_ROOT, MANY[0]
    same = {"size1": 0, "size2": 0, "proof": []}
    assert tree.verify_consistency(root1=empty, root2=empty, **same)
    assert not tree.verify_consistency(root1=other, root2=other, **same)
    assert not tree.verify_consistency(root1=empty, root2=other, **same)
    for proof in ([], [other]):
        assert not tree.verify_consistency(size1=0, root1=empty, size2=1, root2=other, proof=proof)
