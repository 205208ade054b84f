from typing import Any

from django.template import Context, Template
from django.utils.safestring import SafeString

from orchestra.templatetags import rows

LIST = Template('{% load rows %}{% rows "cases/cases_row_phone.html" found by="status" %}')
ROW: dict[str, Any] = {
    "label": "C-1",
    "link": "/admin/cases/1/",
    "subject": "A parcel",
    "who": "Maren",
    "queue": "Returns",
    "short_day": "3 May",
    "time": "14:05",
    "status": "open",
}


def shown(*found: dict[str, Any]) -> str:
    return " ".join(LIST.render(Context({"found": found})).split())


def test_each_row_has_its_own_values_and_its_own_shape() -> None:
    page = shown(ROW, {**ROW, "label": "C-2", "who": "Jonas", "status": "closed"})
    first, second = page.split("</li>")[:2]
    assert first == (
        '<li data-row="C-1"> <div class="row between"><b>C-1</b>'
        '<span class="state is-run">open</span> </div> '
        '<a class="eff" data-open href="/admin/cases/1/">A parcel</a> '
        '<div class="small muted"> Maren · Returns · 3 May, 14:05 </div> '
    )
    assert "<b>C-2</b>" in second
    assert "Jonas · Returns" in second
    assert 'state is-off">closed<' in second
    assert shown() == ""


def test_what_somebody_typed_is_escaped_and_safe_markup_is_not() -> None:
    page = shown({**ROW, "subject": "<script>'&", "who": SafeString("<b>Maren</b>"), "queue": 7})
    assert "&lt;script&gt;&#x27;&amp;</a>" in page
    assert "<b>Maren</b> · 7 · " in page


def test_a_value_that_looks_like_a_mark_stays_text() -> None:
    mark = f"{rows._OPEN}0{rows._CLOSE}"
    assert f'href="/admin/cases/1/">{mark}</a>' in shown({**ROW, "subject": mark})


def test_no_value_of_a_row_is_kept_with_its_shape() -> None:
    rows._shape.cache_clear()
    for number in range(5):
        shown({**ROW, "who": f"Somebody {number}", "subject": f"Something {number}"})
    assert rows._shape.cache_info().currsize == 1
