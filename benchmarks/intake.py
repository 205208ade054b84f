"""How often intake names the right need, how long a text takes, and what its measure is worth.

Four sets of texts, and what a hit is in each:

- the recorded tasks' reasons for calling. *any*: the guess leads to any write the recorded run
  made, or to an answer where it made none; *first*: to the first of them. The examples of the
  pack were written beside these texts, so the figures flatter. What a run wrote depends on the
  state of the order, too: who asks to return what has not left the store ends with a
  cancellation, and counts as missed although the words were understood.
- first words of other people's retail conversations (``first_words/``), with the need that a
  reader gave them by the words alone; empty where they state none. Most of the pack's examples
  were written before these were read; a few for questions about an order after.
- openings of several sentences, written for this with the needs they state (``first_words/``,
  too). What a clause counts was chosen on these alone, so their figures flatter.
- with ``--foreign FILE``: a JSON object of lists of ``[text, label]``; all under ``oos_val``
  and ``oos_train`` speak of none of the store's needs, and a guess there is a miss.

Of each set, how many are sure and right, sure and wrong, wait for a confirmation, and go to a
person, as the shipped bands have it.

    python benchmarks/intake.py [--json] [--misses] [--learnt] [--foreign FILE]
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import yaml

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from cases.intake.learning import learn_reading
from cases.intake.rules import band_of
from cases.intake.scoring import Model, learn
from cases.intake.types import Band, IntentSpec

ROOT = Path(__file__).resolve().parent.parent
TASKS = ROOT / "cases" / "tools" / "adapters" / "retail" / "data" / "tasks.json"
PACK = ROOT / "cases" / "packs" / "builtin" / "retail" / "intents.yaml"
FIRST_WORDS = ROOT / "benchmarks" / "first_words" / "retail.jsonl"
ANSWER = "status_question"
#: The writes that each cue sheet can end in.
WRITES = {
    "cancel_order": {"cancel_pending_order"},
    "modify_order": {"modify_pending_order_items", "modify_pending_order_payment"},
    "return_items": {"return_delivered_order_items"},
    "exchange_items": {"exchange_delivered_order_items"},
    "change_address": {"modify_pending_order_address", "modify_user_address"},
    "change_payment": {"modify_pending_order_payment"},
    "transfer_to_human": {"transfer_to_human_agents"},
}
OPENINGS = FIRST_WORDS.with_name("openings.jsonl")
EVERY_WRITE = set[str]().union(*WRITES.values())


@dataclass(frozen=True, slots=True)
class Text:
    """One text and the cue sheets that are right for it; an empty one where none is."""

    text: str
    right: frozenset[str]


def retail_model(*, learnt: bool = False) -> Model:
    """Return what is learnt from the retail pack's examples, by counting or with weights."""
    rows = yaml.safe_load(PACK.read_text(encoding="utf-8"))
    specs = [IntentSpec(**{**row, "examples": tuple(row["examples"])}) for row in rows]
    return learn_reading(specs).model if learnt else learn(specs)


def task_texts(*, only_first: bool) -> list[Text]:
    """Return the recorded tasks' reasons, with the sheets of the writes that followed."""
    found = []
    for task in json.loads(TASKS.read_text(encoding="utf-8")):
        writes = [call["name"] for call in task["gold_actions"] if call["name"] in EVERY_WRITE]
        counted = set(writes[:1] if only_first else writes)
        right = {sheet for sheet, names in WRITES.items() if names & counted} or {ANSWER}
        text = task["user_scenario"]["instructions"]["reason_for_call"]
        found.append(Text(text, frozenset(right)))
    return found


def first_words() -> list[Text]:
    """Return the first words of conversations, with the need a reader gave them."""
    rows = map(json.loads, FIRST_WORDS.read_text(encoding="utf-8").splitlines())
    return [Text(row["text"], frozenset({row["need"]})) for row in rows]


def openings() -> list[Text]:
    """Return openings of several sentences, with the needs they state."""
    rows = map(json.loads, OPENINGS.read_text(encoding="utf-8").splitlines())
    return [Text(row["text"], frozenset(row["needs"])) for row in rows]


def foreign_texts(path: Path) -> list[Text]:
    """Return texts that speak of none of the store's needs."""
    lists: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return [
        Text(text, frozenset({""}))
        for name in ("oos_val", "oos_train")
        for text, _label in lists[name]
    ]


def sheet_of(model: Model, text: str) -> tuple[str, Band]:
    """Return the cue sheet a text is led to, empty where to none, and what may be done on it."""
    guess = model.guess(text)
    if not guess.intent:
        return "", Band.HAND_OFF
    sheet = model.intents[guess.intent].cue_sheet
    return sheet, band_of(confidence=guess.confidence, margin=guess.margin)


def measure(model: Model, name: str, texts: Sequence[Text], *, shows_misses: bool) -> list[Figure]:
    """Return the share that is right, and how many are acted on, wait, and go to a person."""
    hits, bands = [], Counter[str]()
    for item in texts:
        sheet, band = sheet_of(model, item.text)
        hits.append(sheet in item.right)
        kind = ("sure and right" if hits[-1] else "sure and wrong") if band is Band.ACT else band
        bands[kind] += 1
        if shows_misses and not hits[-1]:
            wanted = " or ".join(sorted(item.right)) or "nothing"
            note(f"{name}: {sheet or 'nothing'} for {wanted}: {' '.join(item.text.split())[:200]}")
    kinds = {
        "sure and right": "sure and right",
        "sure and wrong": "sure and wrong",
        Band.VERIFY: "waits",
        Band.HAND_OFF: "to a person",
    }
    return [
        _share(f"{name}, right", [float(hit) for hit in hits]),
        *(
            Figure(f"{name}, {shown}", "orchestra", "texts", bands[kind], bands[kind], len(texts))
            for kind, shown in kinds.items()
        ),
    ]


def _share(bench: str, hits: Sequence[float]) -> Figure:
    share = round(100 * sum(hits) / len(hits), 1)
    return Figure(bench, "orchestra", "percent", share, share, len(hits))


def timed(model: Model, texts: Sequence[Text]) -> Figure:
    """Return how long one text takes."""
    samples = []
    for item in texts:
        begun = time.perf_counter()
        model.guess(item.text)
        samples.append((time.perf_counter() - begun) * 1e6)
    return figure_of(bench="a text", subject="orchestra", unit="us", samples=samples)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--misses", action="store_true", help="name what is missed")
    parser.add_argument("--foreign", type=Path, help="texts that speak of no need")
    parser.add_argument("--learnt", action="store_true", help="with learnt weights")
    options = parser.parse_args()
    model = retail_model(learnt=options.learnt)
    sets = {
        "tasks, any write": task_texts(only_first=False),
        "tasks, first write": task_texts(only_first=True),
        "first words": first_words(),
        "openings": openings(),
    }
    if options.foreign:
        sets["foreign words"] = foreign_texts(options.foreign)
    figures = [
        figure
        for name, texts in sets.items()
        for figure in measure(model, name, texts, shows_misses=options.misses)
    ]
    figures.append(timed(model, sets["first words"]))
    (print_lines if options.json else print_table)(figures)


if __name__ == "__main__":
    main()
