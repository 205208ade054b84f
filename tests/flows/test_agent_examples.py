"""Every example of docs/agents.md is what the page shows, and runs against a live server."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flows.mcp_live import Live, live

ROOT = Path(__file__).parents[2]
DOC = ROOT / "docs" / "agents.md"
EXAMPLES = ROOT / "docs" / "examples"
SCRIPTED = Path(__file__).parent / "scripted"
FRAMEWORKS = ROOT / ".venv-examples" / "bin" / "python"
SECONDS = 60
BLOCK = re.compile(
    r"^\[`(?P<file>[^`]+)`\]\((?P<link>[^)]+)\)\n\n```\w+\n(?P<text>.*?)^```$", re.M | re.S
)


def test_each_block_of_the_page_is_its_file_and_each_file_is_on_the_page() -> None:
    page = DOC.read_text()
    blocks = list(BLOCK.finditer(page))
    assert page.count("```") == 2 * len(blocks), "a block names no file"
    for block in blocks:
        assert block["link"] == f"examples/{block['file']}"
        assert block["text"] == (EXAMPLES / block["file"]).read_text(), block["file"]
    shown = [block["file"] for block in blocks]
    assert sorted(shown) == sorted(path.name for path in EXAMPLES.iterdir() if path.is_file())


@dataclass
class Connected:
    """A live installation, and a bot made as the page says."""

    site: Live
    env: dict[str, str]

    def start(self, *command: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *command: str | Path, vote: str = "") -> list[str]:
        """Run an example to its end; a supervisor votes on the one thing it waits for."""
        process = self.start(*command)
        try:
            if vote:
                self.site.vote(self.asked(process), vote)
            out, errors = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
        assert process.returncode == 0, errors
        return out.splitlines()

    def asked(self, process: subprocess.Popen[str]) -> str:
        """Return the approval an example waits for, once it does."""
        until = time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < until:
            if waiting := self.site.waiting():
                [approval] = waiting
                return approval
            time.sleep(0.1)
        raise AssertionError(process.communicate(timeout=SECONDS))


@pytest.fixture(autouse=True)
def _own_checkpoint_file() -> None:
    """Nothing to keep apart: the server has a folder of its own."""


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    var = tmp_path_factory.mktemp("examples")
    served = {
        "DJANGO_SETTINGS_MODULE": "orchestra.settings.local",
        "ORCHESTRA_VAR": str(var),
        "DATABASE_URL": f"sqlite:///{var / 'orchestra.sqlite3'}",
        "REDIS_URL": "embedded://",
    }
    with live(var) as site:
        found = Connected(site, {**os.environ, **served})
        said = found.run("sh", EXAMPLES / "create_agent.sh")
        token = next(line for line in said if line.startswith("orc_"))
        # An example knows where to ask and its token, and nothing else of the installation.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        named = {"ORCHESTRA_URL": site.base, "ORCHESTRA_TOKEN": token, "PATH": path}
        found.env = {**os.environ, **named}
        yield found


def frameworks() -> Path:
    """Return the Python that has the frameworks; without it there is nothing to prove."""
    if not FRAMEWORKS.exists():
        reason = "the environment of the examples is missing: make venv-examples"
        if os.environ.get("ORCHESTRA_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return FRAMEWORKS


@pytest.mark.processes
class TestLive:
    def test_mcp_until_a_person_rejects(self, bot: Connected) -> None:
        said = bot.run("sh", EXAMPLES / "run_mcp.sh", vote="reject")
        assert said[1:4] == [
            "customer: succeeded yusuf_rossi_9620",
            "return: pending_approval",
            "ended: rejected",
        ]
        assert "Not delivered." in said[4]

    def test_pydantic_ai_until_a_person_rejects(self, bot: Connected) -> None:
        said = bot.run(frameworks(), SCRIPTED / "pydantic_ai_run.py", vote="reject")
        assert said == ["succeeded, pending_approval, rejected"]

    def test_openai_agents_is_refused_and_hands_off(self, bot: Connected) -> None:
        said = bot.run(frameworks(), SCRIPTED / "openai_agents_run.py")
        assert said == ["denied, offered"]

    def test_http_until_it_was_carried_out(self, bot: Connected) -> None:
        """Approved, it changes the store, so the others that ask for the same come first."""
        said = bot.run("sh", EXAMPLES / "run_http.sh", vote="approve")
        assert said[0].startswith("Return delivered items: ready are ")
        assert said[1] == "customer: succeeded yusuf_rossi_9620"
        assert said[2].startswith("return: awaiting_approval ")
        assert said[3].startswith("ended: succeeded")

    def test_what_is_wrong_is_said_once(self, bot: Connected) -> None:
        bot.env = {**bot.env, "ORCHESTRA_TOKEN": "orc_abcdefgh_" + "x" * 43}
        process = bot.start("sh", EXAMPLES / "run_http.sh")
        _out, errors = process.communicate(timeout=SECONDS)
        assert process.returncode == 1
        assert errors.startswith("not_authenticated: The token is unknown, expired or revoked")
