import pytest
from django.core.exceptions import ImproperlyConfigured

from orchestra.settings.networks import NAME, private_networks


def test_nothing_named_is_what_is_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)

    assert private_networks() == ()
    assert private_networks("127.0.0.0/8") == ("127.0.0.0/8",)


def test_what_is_named_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "10.20.0.0/16, fd00:1::/64,")
    assert private_networks("127.0.0.0/8") == ("10.20.0.0/16", "fd00:1::/64")

    monkeypatch.setenv(NAME, "")
    assert private_networks("127.0.0.0/8") == ()


@pytest.mark.parametrize("text", ["10.20.0.1/16", "store", "0.0.0.0/0", "::/0"])
def test_what_cannot_be_read_does_not_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(NAME, text)

    with pytest.raises(ImproperlyConfigured, match=NAME):
        private_networks()
