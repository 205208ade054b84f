"""How an address says yes or no."""

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from governance.api.inputs import choice_of, flag_of
from orchestra.core.errors import InvalidInputError


@pytest.mark.parametrize(("said", "flag"), [("", False), ("?f=true", True), ("?f=false", False)])
def test_a_flag_is_true_or_false(said: str, *, flag: bool) -> None:
    assert flag_of(Request(APIRequestFactory().get(f"/{said}")), "f") is flag


@pytest.mark.parametrize("said", ["1", "0", "", "True", "yes"])
def test_a_flag_of_another_word_is_refused_by_its_name(said: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        flag_of(Request(APIRequestFactory().get(f"/?f={said}")), "f")
    assert [one.field for one in caught.value.errors] == ["f"]


@pytest.mark.parametrize(("said", "choice"), [("", ""), ("?c=a", "a"), ("?c=b", "b")])
def test_a_choice_is_one_of_the_words(said: str, choice: str) -> None:
    assert choice_of(Request(APIRequestFactory().get(f"/{said}")), "c", ["a", "b"]) == choice


@pytest.mark.parametrize("said", ["", "A", "a,b", " a"])
def test_another_word_or_none_at_all_is_refused(said: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        choice_of(Request(APIRequestFactory().get(f"/?c={said}")), "c", ["a", "b"])
    assert [one.field for one in caught.value.errors] == ["c"]
