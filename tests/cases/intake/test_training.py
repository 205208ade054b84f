"""Weights are learnt alike from the same examples, and no process pays for it unasked."""

import subprocess
import sys

import numpy as np

from cases.intake.training import learn_weights

TEXTS = ["cancel my order", "cancel it", "return the shoes", "send them back", "hello", "a joke"]
KEYS = ["cancel", "cancel", "return", "return", "", ""]


def test_the_same_examples_give_the_same_weights() -> None:
    one, two = learn_weights(TEXTS, KEYS), learn_weights(TEXTS, KEYS)
    assert one.intents == ("", "cancel", "return")
    assert one.words == two.words
    assert np.array_equal(one.weights, two.weights)
    assert one.weights.shape == (len(one.words) + len(one.pieces), 3)


def test_nobody_loads_the_learning_library_by_starting() -> None:
    code = (
        "import django, sys; django.setup(); import cases.intake.services, cases.tasks;"
        "print([name for name in ('sklearn', 'scipy', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
