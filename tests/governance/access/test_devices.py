import pytest

from governance.access.devices import describe_device

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"(Windows NT 10.0) {WEBKIT} Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        (f"(Macintosh; Intel Mac OS X 15) {WEBKIT} Version/19 Safari/605", "Safari on Mac"),
        (f"(iPhone; CPU iPhone OS 19 like Mac OS X) {WEBKIT} CriOS/140", "Chrome on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox on Linux"),
        ("curl/8.9", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_by_what_it_says(said: str, words: str) -> None:
    assert describe_device(said) == words
