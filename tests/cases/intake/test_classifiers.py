"""The deterministic classifier behind the port."""

from cases.intake.classifiers import Classifier, ExampleClassifier
from tests.factories.intents import retail_intents


def test_it_answers_everything_at_once() -> None:
    classifier: Classifier = ExampleClassifier(retail_intents())
    found = classifier.classify("Cancel order #W1234567 right now or I call my lawyer.")
    assert found.classifier == classifier.name == "examples.v1"
    assert found.guess.intent == "cancel_order"
    assert [entity.value for entity in found.entities] == ["#W1234567"]
    assert [str(flag.flag) for flag in found.flags] == ["legal_threat"]
    assert found.priority.priority == 1


def test_the_same_text_gets_the_same_answer() -> None:
    text = "I want to exchange the bottle for a bigger one."
    first, second = (ExampleClassifier(retail_intents()).classify(text) for _ in range(2))
    assert first == second
