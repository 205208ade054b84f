"""The stand-alone command draws as the product does, and finds whatever was changed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.sampling import redraw
from qa.sampling.drawing import draw, frame_digest, seed_commitment, unit_number
from qa.sampling.proofs import frame_csv

SEED = "orchestra-demo-seed"
FRAME = {f"u-{number:02d}": "low" if number % 3 else "high" for number in range(30)}
SIZES = {"low": 5, "high": 2}


def proof(frame: dict[str, str] = FRAME, **changes: Any) -> dict[str, Any]:
    found = draw(frame=frame, sizes=SIZES, seed=SEED, plan="weekly", version=3)
    return {
        "plan": "weekly",
        "version": 3,
        "seed": SEED,
        "commitment": seed_commitment(SEED),
        "frame_digest": frame_digest(frame),
        "sizes": SIZES,
        "drawn": {one.stratum: [each.unit for each in one.drawn] for one in found},
        **changes,
    }


def run(folder: Path, frame: str, told: str) -> tuple[int, str]:
    (folder / "f.csv").write_text(frame, encoding="utf-8")
    (folder / "p.json").write_text(told, encoding="utf-8")
    # -I: no environment, no packages of ours; the file alone, from elsewhere.
    done = subprocess.run(
        [sys.executable, "-I", redraw.__file__, "f.csv", "p.json"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_the_file_alone_draws_the_same(tmp_path: Path) -> None:
    code, said = run(tmp_path, frame_csv(FRAME), json.dumps(proof()))
    assert (code, said) == (0, "SAME 7 of 30 drawn again from the committed seed.\n")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"seed": "another"}, "The seed is not the one"),
        ({"frame_digest": "0" * 64}, "The frame is not the one"),
        ({"sizes": {"low": 6, "high": 2}}, "low: should be drawn and is not"),
        ({"drawn": {**proof()["drawn"], "low": proof()["drawn"]["low"][::-1]}}, "order differs"),
        ({"drawn": {**proof()["drawn"], "extra": ["x"]}}, "is drawn and should not be: x"),
    ],
)
def test_whatever_was_changed_is_found(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    code, said = run(tmp_path, frame_csv(FRAME), json.dumps(proof(**changes)))
    assert code == 1
    assert says in said


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ("unit\r\nu-1\r\n", "{}"),
        ("unit,stratum\r\na,b\r\na,b\r\n", "{}"),
        (frame_csv(FRAME), "no json"),
        (frame_csv(FRAME), "[]"),
        (frame_csv(FRAME), "{}"),
    ],
)
def test_what_cannot_be_read_is_neither_same_nor_different(
    tmp_path: Path, frame: str, told: str
) -> None:
    code, said = run(tmp_path, frame, told)
    assert code == 2
    assert said.startswith("A file cannot be read")


def test_it_says_how_it_is_called() -> None:
    assert redraw.main(["redraw.py"]) == 2


@given(
    seed=st.text(max_size=20),
    frame=st.dictionaries(st.text(max_size=9), st.sampled_from(["a", "b"]), max_size=20),
    wanted=st.integers(0, 20),
)
def test_its_formulas_are_the_products(seed: str, frame: dict[str, str], wanted: int) -> None:
    assert redraw.frame_digest(frame) == frame_digest(frame)
    assert redraw.commitment_of(seed) == seed_commitment(seed)
    counts = {name: list(frame.values()).count(name) for name in "ab"}
    sizes = {name: min(wanted, count) for name, count in counts.items()}
    found = draw(frame=frame, sizes=sizes, seed=seed, plan="p", version=2)
    assert redraw.draw_again(frame, sizes, seed, "p", 2) == {
        one.stratum: [each.unit for each in one.drawn] for one in found
    }
    assert redraw.number_of(seed, "p", 2, "u") == unit_number(
        seed=seed, plan="p", version=2, unit="u"
    )


def test_a_stratum_that_reads_like_a_formula_survives_the_file() -> None:
    frame = {"u-1": "=1+1", "u-2": "-x"}
    text = frame_csv(frame)
    assert "'=1+1" in text
    assert redraw.read_frame(text) == frame
