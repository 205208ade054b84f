"""How an address says yes or no."""

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from governance.api.inputs import flag_of
from orchestra.core.errors import InvalidInputError


@pytest.mark.parametrize(("said", "flag"), [("", False), ("?f=true", True), ("?f=false", False)])
def test_a_flag_is_true_or_false(said: str, *, flag: bool) -> None:
    assert flag_of(Request(APIRequestFactory().get(f"/{said}")), "f") is flag


@pytest.mark.parametrize("said", ["1", "0", "", "True", "yes"])
def test_a_flag_of_another_word_is_refused_by_its_name(said: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        flag_of(Request(APIRequestFactory().get(f"/?f={said}")), "f")
    assert [one.field for one in caught.value.errors] == ["f"]
