"""Reading with learnt weights: what is read of a text, and whose words count."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from cases.intake.linear import (
    MOST_CHARACTERS,
    Linear,
    piece_features,
    plain_words,
    word_features,
)
from cases.intake.training import learn_weights

TEXTS = {
    "cancel": ("Please cancel my order", "Cancel it", "call off the purchase, cancel everything"),
    "return": ("I want to return the shoes", "send the lamp back", "return it for a refund"),
    "": ("What is the weather", "Tell me a joke", "Good morning"),
}


@pytest.fixture(scope="module")
def linear() -> Linear:
    rows = [(text, key) for key, texts in TEXTS.items() for text in texts]
    return learn_weights([text for text, _ in rows], [key for _, key in rows])


def test_words_are_read_in_lower_case_with_numbers_alike() -> None:
    assert plain_words("Cancel #W1234567, it's 12.50!") == ["cancel", "w0", "it's", "0"]
    assert word_features("Отмените мой заказ") == [
        "отмените",
        "мой",
        "заказ",
        "отмените мой",
        "мой заказ",
    ]
    assert piece_features("ab") == [" a", "ab", "b ", " ab", "ab ", " ab "]


def test_shares_are_computed_as_the_training_did(linear: Linear) -> None:
    texts = [text for several in TEXTS.values() for text in several]
    for analyzer, names, start in (
        (word_features, linear.words, 0),
        (piece_features, linear.pieces, len(linear.words)),
    ):
        theirs = TfidfVectorizer(analyzer=analyzer, sublinear_tf=True).fit(texts)
        rows = theirs.transform(["please cancel the lamp, please"]).toarray()[0]
        places, values = linear._features("please cancel the lamp, please")
        ours = {
            at - start: value for at, value in zip(places, values, strict=True) if at - start >= 0
        }
        assert tuple(theirs.get_feature_names_out()) == names
        assert {at: value for at, value in enumerate(rows) if value} == pytest.approx(
            {at: value for at, value in ours.items() if at < len(names)}, abs=1e-6
        )


def test_the_words_that_carried_it_are_told(linear: Linear) -> None:
    worth = linear.worth_of_words("please cancel the lamp", "cancel")
    assert max(worth, key=worth.__getitem__) == "cancel"
    shares = linear.shares("please cancel the lamp")
    assert max(shares, key=shares.__getitem__) == "cancel"


def test_what_the_words_add_is_the_whole_score(linear: Linear) -> None:
    text = "cancel the shoes and cancel the lamp"
    column = linear.intents.index("cancel")
    score = float(linear._scores(text)[column])
    told = sum(linear.worth_of_words(text, "cancel").values()) + float(linear.bias[column])
    assert told == pytest.approx(score, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_gets_shares_that_add_up(linear: Linear, text: str) -> None:
    shares = linear.shares(text)
    assert set(shares) == {"", "cancel", "return"}
    assert sum(shares.values()) == pytest.approx(1)


def test_a_text_without_end_is_read_from_its_beginning(linear: Linear) -> None:
    beginning = ("cancel my order " * 400)[:MOST_CHARACTERS]
    assert linear.shares(beginning + " return the shoes" * 6000) == linear.shares(beginning)
