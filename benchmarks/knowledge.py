"""How fast knowledge is searched, rendered, and put in force.

Articles are generated from a seed, their words drawn with the frequencies of a natural text,
so that some words stand in most articles and most words in few. A search is the whole
selector: match, rank, mark and read the rows of one page. Beside it stands what a search
without an index costs: the same words looked for by LIKE in the same rows. Makes its own
database: SQLite in a temporary folder, or ``test_…`` on DATABASE_URL.

    python benchmarks/knowledge.py [--json] [--articles 2000] [--runs 60]
"""

# ruff: noqa: E402  Django is set up before its models can be imported

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from operator import and_
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")
os.environ.setdefault("ORCHESTRA_TEST_DIR", tempfile.mkdtemp(prefix="orchestra-bench-"))

import django

django.setup()

from django.db import connection
from django.db.models import Q

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from governance.access.types import Authority, Role
from governance.knowledge.markdown import render_html
from governance.knowledge.models import ArticleInForce
from governance.knowledge.selectors import search_articles
from governance.knowledge.services import publish_article
from orchestra.core.actors import Actor, ActorKind, system

AT = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
AGENT = Authority(
    actor=Actor(kind=ActorKind.AGENT, id="0193a1b2-7c3d-7000-8000-0123456789ab", label="Bot"),
    active=True,
    roles=frozenset({Role.AI_AGENT}),
)
SEED = 7
WORDS = 6_000
PARAGRAPHS, LENGTH = 12, 45
PAGE = 10
SOUNDS = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu za bri cla dro flu"


def vocabulary(rng: random.Random) -> list[str]:
    """Return made-up words, each once, the most frequent first."""
    found: dict[str, None] = {}
    while len(found) < WORDS:
        found["".join(rng.choices(SOUNDS.split(), k=rng.randint(2, 4)))] = None
    return list(found)


def document(number: int, rng: random.Random, words: list[str]) -> dict[str, object]:
    """Return one article; about one in ten is written for people alone."""
    # The frequency of a word is one over its place, as in natural texts.
    weights = [1 / (place + 1) for place in range(len(words))]
    drawn = rng.choices(words, weights, k=PARAGRAPHS * LENGTH)
    blocks = []
    for start in range(0, len(drawn), LENGTH):
        part = drawn[start : start + LENGTH]
        blocks.append(f"## {' '.join(part[:3])}\n\n{' '.join(part[3:])}.")
    return {
        "key": f"article_{number}",
        "title": " ".join(rng.choices(words, weights, k=5)),
        "owner": "Care",
        "review_by": "2099-01-01",
        "audience": ["human"] if number % 10 == 0 else ["ai", "human"],
        "topics": [rng.choice(words)],
        "body": "\n\n".join(blocks),
    }


def timed(runs: int, work: Callable[[int], object]) -> list[float]:
    """Return how long each run took, in milliseconds."""
    found = []
    for number in range(runs):
        begun = time.perf_counter()
        work(number)
        found.append((time.perf_counter() - begun) * 1_000)
    return found


def search(text: str) -> int:
    """Search as an AI agent does, and return how many hits the page has."""
    return len(search_articles(authority=AGENT, now=AT, text=text, limit=PAGE).hits)


def search_by_like(text: str) -> int:
    """Look for the same words without an index, unranked."""
    held = (Q(title__icontains=word) | Q(body__icontains=word) for word in text.split())
    rows = ArticleInForce.objects.filter(reduce(and_, held), for_ai=True, review_by__gte=AT.date())
    return len(rows.select_related("article", "version").defer("version__document")[:PAGE])


def measure(count: int, runs: int) -> list[Figure]:
    """Return every figure."""
    rng = random.Random(SEED)  # noqa: S311  made-up texts are no secret
    words = vocabulary(rng)
    texts = [document(number, rng, words) for number in range(count)]
    figures = []

    def figure(bench: str, subject: str, samples: list[float]) -> None:
        found = figure_of(bench=bench, subject=subject, unit="ms", samples=samples)
        figures.append(found)

    actor = system("bench")
    publishing = timed(count, lambda at: publish_article(actor=actor, now=AT, document=texts[at]))
    figure("publish an article", "orchestra", publishing)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    asked = {
        "rare word": lambda: rng.choice(words[1_000:]),
        "common word": lambda: words[rng.randrange(20)],
        "three words": lambda: " ".join(rng.choices(words[20:400], k=3)),
        "a sentence": lambda: " ".join(rng.choices(words[50:2_000], k=12)),
    }
    for name, ask in asked.items():
        questions = [ask() for _run in range(runs)]
        found = [search(text) for text in questions]
        note(f"{name}: {sum(found) / runs:.1f} hits on a page of {PAGE}")
        figure(f"search, {name}", "orchestra", timed(runs, lambda at: search(questions[at])))  # noqa: B023  measured at once
        figure(f"search, {name}", "LIKE", timed(runs, lambda at: search_by_like(questions[at])))  # noqa: B023  measured at once
    bodies = [str(text["body"]) for text in texts[:runs]]
    figure("render an article", "orchestra", timed(len(bodies), lambda at: render_html(bodies[at])))
    return figures


def main() -> None:
    """Measure in a database of its own, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=60)
    options = parser.parse_args()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        note(f"{connection.vendor}, {options.articles} articles in force")
        figures = measure(options.articles, options.runs)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    (print_lines if options.json else print_table)(figures)


if __name__ == "__main__":
    main()
