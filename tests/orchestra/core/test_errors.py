"""What an error says in one line."""

import pytest

from orchestra.core.errors import FieldError, InvalidInputError


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([], "Nothing was saved."),
        (
            ["Give it a name.", "Choose a queue."],
            "Nothing was saved. Give it a name. Choose a queue.",
        ),
        (["Nothing was saved."], "Nothing was saved."),
        (["Choose a queue.", "Choose a queue."], "Nothing was saved. Choose a queue."),
    ],
    ids=["alone", "with findings", "a finding that repeats it", "two fields alike"],
)
def test_it_says_its_message_and_each_finding_once(findings: list[str], said: str) -> None:
    errors = [FieldError(f"f{number}", "wrong", text) for number, text in enumerate(findings)]
    assert InvalidInputError("Nothing was saved.", errors=errors).in_full == said
