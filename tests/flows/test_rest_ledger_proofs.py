"""Consistency proofs and keys over REST."""

import pytest

from governance.ledger import services, tree
from orchestra.core import clock
from tests.factories.ledger import make_entries
from tests.flows.conftest import World
from tests.flows.test_people_over_rest import sign_in


def test_a_proof_leads_from_one_size_to_the_newest(retail: World) -> None:
    make_entries(3)
    services.sequence(now=clock.now())
    answer = sign_in(retail, "compliance").get("ledger/consistency/", **{"from": "2"})
    assert answer.status_code == 200
    found = answer.json()
    assert found["size_from"] == 2
    assert tree.verify_consistency(
        size1=2,
        root1=bytes.fromhex(found["root_from"]),
        size2=found["size_to"],
        root2=bytes.fromhex(found["root_to"]),
        proof=[bytes.fromhex(item) for item in found["hashes"]],
    )


@pytest.mark.parametrize(
    ("sizes", "status"),
    [
        ({}, 422),
        ({"from": "x"}, 422),
        ({"from": "9" * 30}, 422),
        ({"from": "0"}, 404),
        ({"from": "3", "to": "2"}, 404),
        ({"from": "1", "to": "99999"}, 404),
    ],
)
def test_bad_sizes_have_a_clear_answer(sizes: dict[str, str], status: int, retail: World) -> None:
    make_entries(3)
    services.sequence(now=clock.now())
    answer = sign_in(retail, "compliance").get("ledger/consistency/", **sizes)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_the_keys_are_listed(retail: World) -> None:
    answer = sign_in(retail, "compliance").get("ledger/keys/")
    found = answer.json()
    assert found["origin"] == services.log_origin()
    assert [key["vkey"] for key in found["keys"]] == [services.published_key().text()]
