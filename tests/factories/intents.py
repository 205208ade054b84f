"""The retail intents, as the pack has them: values and rows."""

from pathlib import Path

import yaml

from cases.intake.models import Intent
from cases.intake.types import IntentSpec
from orchestra.core.actors import system
from orchestra.core.history import save_as

PACK = Path(__file__).parents[2] / "cases" / "packs" / "builtin" / "retail" / "intents.yaml"


def retail_intents() -> tuple[IntentSpec, ...]:
    return tuple(
        IntentSpec(**{**row, "examples": tuple(row["examples"])})
        for row in yaml.safe_load(PACK.read_text(encoding="utf-8"))
    )


def make_intents() -> None:
    for spec in retail_intents():
        row = Intent(
            key=spec.key,
            title=spec.title,
            cue_sheet=spec.cue_sheet,
            queue=spec.queue,
            examples=list(spec.examples),
        )
        save_as(row, actor=system("factory"))
