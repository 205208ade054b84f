"""A cue sheet in the words an AI agent follows."""

import yaml

from cases.journeys.guiding import guidance
from cases.journeys.parsing import parse_cue_sheet
from cases.packs.services import BUILTIN


def test_it_says_when_the_need_is_met_whose_each_step_is_and_in_which_order() -> None:
    text = (BUILTIN / "provider" / "cue_sheets" / "billing_dispute.yaml").read_text()
    spec = parse_cue_sheet(document=yaml.safe_load(text))

    lines = guidance(spec).splitlines()

    assert lines[0] == f"# {spec.title}"
    assert f"The need is met when this holds: {spec.completion}" in lines
    told = [line for line in lines if line.startswith("- ")]
    assert len(told) == len(spec.steps)
    assert {step.owner == "ai" for step in spec.steps} == {True, False}
    for step in spec.steps:
        [line] = [one for one in told if f" {step.title} (" in one]
        assert line.startswith("- **Yours:**" if step.owner == "ai" else "- **For a person:**")
    stages = [line.removeprefix("## ").lower() for line in lines if line.startswith("## ")]
    order = ["identify", "verify", "execute", "communicate", "escalate", "close"]
    assert stages == [one for one in order if one in stages]
    assert lines[-1].endswith("hand the case to a person.")
