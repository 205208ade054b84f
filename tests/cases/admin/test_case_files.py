"""Files and facts of a case over REST and on its page."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.memory.models import Evidence
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case, say

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.EVIDENCE_DIR = tmp_path


def send(world: World, case: str, *, key: str = "", **more: Any) -> Any:
    file = SimpleUploadedFile(
        more.pop("name", "lamp.png"), more.pop("content", PNG), more.pop("said_type", "image/png")
    )
    body = {"file": file, "title": "The lamp", "proves": "It is broken", **more}
    return world.api.form(f"cases/{case}/files/", body, key=key or str(uuid.uuid4()))


class TestRest:
    def test_a_file_goes_in_and_comes_out_as_it_was(self, retail: World) -> None:
        case = open_case(retail)
        sent = send(retail, case)
        assert sent.status_code == 201, sent.content
        answer = retail.api.get(f"cases/{case}/files/{sent.json()['id']}/")
        assert answer.content == PNG
        assert answer["Content-Type"] == "image/png"
        assert answer["Content-Disposition"] == "inline; filename*=UTF-8''lamp.png"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "no-store"

    def test_what_is_no_image_is_saved_never_shown(self, retail: World) -> None:
        case = open_case(retail)
        sent = send(retail, case, name="ünder.pdf", content=b"%PDF-1.7", said_type="")
        answer = retail.api.get(f"cases/{case}/files/{sent.json()['id']}/")
        assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''%C3%BCnder.pdf"

    def test_a_repeat_attaches_once_and_another_file_takes_another_key(self, retail: World) -> None:
        case = open_case(retail)
        first, again = send(retail, case, key="one"), send(retail, case, key="one")
        assert (again.status_code, again.json()) == (201, first.json())
        assert Evidence.objects.count() == 1
        other = send(retail, case, key="one", content=PNG + b"\x01")
        assert other.status_code == 422

    @pytest.mark.parametrize(
        ("file", "says"),
        [
            ({"content": b""}, "empty"),
            ({"content": b"%PDF-1.7"}, "calls itself a PNG image"),
            ({"content": b"PK\x03\x04" + b"0" * 99, "name": "a.docx"}, "ZIP archive"),
            ({"content": b"<script>alert(1)</script>", "name": "a.txt"}, "web page"),
        ],
        ids=["empty", "lie", "zip", "script"],
    )
    def test_a_refusal_says_why_and_the_case_stays_workable(
        self, retail: World, file: dict[str, Any], says: str
    ) -> None:
        case = open_case(retail)
        answer = send(retail, case, **file)
        assert answer.status_code == 422
        assert says in answer.json()["errors"][0]["message"]
        assert not Evidence.objects.exists()
        say(retail, case, "customer", "Still here.")

    def test_a_file_too_large_is_refused_before_it_is_read(
        self, retail: World, settings: Any
    ) -> None:
        settings.ORCHESTRA = {**settings.ORCHESTRA, "EVIDENCE_FILE_BYTES": 1_000}
        answer = send(retail, open_case(retail), content=PNG + b"\x00" * 100_000)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert not Evidence.objects.exists()

    def test_a_path_in_a_name_goes_nowhere(self, retail: World, tmp_path: Path) -> None:
        case = open_case(retail)
        sent = send(retail, case, name="../../../\x07lamp.png")
        assert sent.status_code == 201
        assert Evidence.objects.get().file_name == "lamp.png"
        kept = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert [path.name for path in kept] == [Evidence.objects.get().digest]


class TestFacts:
    def test_a_tools_answer_confirms_and_a_claim_stands_beside_it(self, retail: World) -> None:
        case = open_case(retail)
        call = identify(retail, case)
        said = say(retail, case, "customer", "My id is yusuf_rossi_1.")
        fact = {"name": "user_id", "value": "yusuf_rossi_9620", "source": call["id"]}
        assert retail.api.post(f"cases/{case}/facts/", fact).json()["trust"] == "tool_confirmed"
        claim = {"name": "user_id", "value": "yusuf_rossi_1", "source": said}
        assert retail.api.post(f"cases/{case}/facts/", claim).json()["trust"] == "claimed"
        (found,) = retail.api.get(f"cases/{case}/facts/").json()
        assert found["stands"]["value"] == "yusuf_rossi_9620"
        assert found["doubted_by"]["value"] == "yusuf_rossi_1"

    @pytest.mark.parametrize("source", ["", "nothing", "00000000-0000-7000-8000-00000000dead"])
    def test_an_agent_names_where_it_comes_from(self, retail: World, source: str) -> None:
        body = {"name": "order_id", "value": "#W1", "source": source}
        answer = retail.api.post(f"cases/{open_case(retail)}/facts/", body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "source"

    def test_a_tools_answer_that_does_not_hold_it_confirms_nothing(self, retail: World) -> None:
        case = open_case(retail)
        body = {"name": "user_id", "value": "somebody", "source": identify(retail, case)["id"]}
        answer = retail.api.post(f"cases/{case}/facts/", body)
        assert "does not hold that value" in answer.json()["errors"][0]["message"]


class TestPage:
    def test_a_person_attaches_opens_and_writes_down(self, retail: World, browser: Browser) -> None:
        case = open_case(retail)
        client, page = browser("agent"), f"/admin/cases/{case}/"
        file = SimpleUploadedFile("lamp.png", PNG, "image/png")
        body = {"file": file, "title": "", "proves": "It is broken"}
        text = client.post(f"{page}files/", body, follow=True).content.decode()
        assert "Attached. It cannot be taken away again, only erased." in text
        assert "a PNG image" in text
        shown = client.get(f"{page}files/{Evidence.objects.get().public_id}/")
        assert (shown.content, shown["X-Content-Type-Options"]) == (PNG, "nosniff")
        fact = {"name": "Lamp colour", "value": "<b>green</b>"}
        text = client.post(f"{page}facts/", fact, follow=True).content.decode()
        assert "&lt;b&gt;green&lt;/b&gt;" in text
        assert "the word of a person" in text

    def test_a_lie_and_no_file_are_told(self, retail: World, browser: Browser) -> None:
        case = open_case(retail)
        client, page = browser("agent"), f"/admin/cases/{case}/files/"
        file = SimpleUploadedFile("lamp.png", b"%PDF-1.7", "image/png")
        text = client.post(page, {"file": file, "proves": "x"}, follow=True).content.decode()
        assert "calls itself a PNG image" in text
        text = client.post(page, {"proves": "x"}, follow=True).content.decode()
        assert "Choose a file first." in text

    def test_a_file_too_large_is_told(self, retail: World, browser: Browser, settings: Any) -> None:
        settings.ORCHESTRA = {**settings.ORCHESTRA, "EVIDENCE_FILE_BYTES": 1_000}
        file = SimpleUploadedFile("lamp.png", PNG + b"\x00" * 100_000, "image/png")
        page = f"/admin/cases/{open_case(retail)}/files/"
        text = browser("agent").post(page, {"file": file}, follow=True).content.decode()
        assert "The file is larger than" in text

    def test_an_altered_file_is_told_not_shown(self, retail: World, browser: Browser) -> None:
        case = open_case(retail)
        sent = send(retail, case)
        Evidence.objects.update(digest="0" * 64)
        page = f"/admin/cases/{case}/files/{sent.json()['id']}/"
        text = browser("agent").get(page, follow=True).content.decode()
        assert "The file is not as it was attached" in text
