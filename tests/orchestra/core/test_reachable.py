"""Which addresses and URLs are taken, and that none of the tricks is ever connected to."""

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest

from orchestra.core import outbound
from orchestra.core.breaker import Breaker
from orchestra.core.errors import UpstreamError
from orchestra.core.outbound import OutboundRequest
from orchestra.core.reachable import check_url, host_of, is_reachable, read_networks
from tests.ssrf import ADDRESSES, NAMES, PUBLIC, Canary, Watched, canary

INSIDE = read_networks(
    (
        *("127.0.0.0/8", "::1/128", "10.0.0.0/8", "100.64.0.0/10", "192.168.0.0/16", "fc00::/7"),
        *("169.254.0.0/16", "fe80::/10", "224.0.0.0/4", "240.0.0.0/4"),
    )
)


@pytest.fixture(autouse=True)
def _fresh_breakers() -> Iterator[None]:
    Breaker.forget_all()
    yield
    Breaker.forget_all()


@pytest.fixture
def watched(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Watched:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "PRIVATE_NETWORKS": ()}
    return Watched(monkeypatch)


@pytest.fixture(scope="module")
def bait() -> Iterator[Canary]:
    with canary() as found:
        yield found


@pytest.mark.parametrize(
    ("text", "public", "private"),
    [
        (PUBLIC, True, True),
        ("2606:2800:220:1:248:1893:25c8:1946", True, True),
        ("127.0.0.1", False, True),
        ("127.8.8.8", False, True),
        ("::1", False, True),
        ("10.1.2.3", False, True),
        ("172.16.0.1", False, False),
        ("192.168.1.1", False, True),
        ("100.64.0.1", False, True),
        ("fc00::1", False, True),
        ("fd12::1", False, True),
        ("0.0.0.0", False, False),  # noqa: S104  an address to refuse
        ("::", False, False),
        ("169.254.169.254", False, False),
        ("100.100.100.200", False, False),
        ("168.63.129.16", False, False),
        ("fd00:ec2::254", False, False),
        ("fe80::1", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("255.255.255.255", False, False),
        ("::ffff:127.0.0.1", False, True),
        ("::ffff:169.254.169.254", False, False),
        ("::127.0.0.1", False, True),
        ("::ffff:0:127.0.0.1", False, True),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("64:ff9b::7f00:1", False, True),
        ("64:ff9b::5db8:d70e", True, True),
        ("2002:7f00:1::", False, True),
        ("2002:a9fe:a9fe::", False, False),
        ("2001:0:53aa:64c:0:fbff:80ff:fffe", False, True),
        ("2606:2800::200:5efe:a9fe:a9fe", False, False),
        ("100::1", False, False),
        ("4000::1", False, False),
    ],
)
def test_which_addresses_may_be_connected_to(*, text: str, public: bool, private: bool) -> None:
    address = ipaddress.ip_address(text)

    assert is_reachable(address) is public
    assert is_reachable(address, networks=INSIDE) is private


def test_a_network_allows_itself_alone() -> None:
    networks = read_networks(("10.20.0.0/16",))

    assert is_reachable(ipaddress.ip_address("10.20.3.4"), networks=networks)
    assert not is_reachable(ipaddress.ip_address("10.21.0.1"), networks=networks)
    assert not is_reachable(ipaddress.ip_address("127.0.0.1"), networks=networks)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "10.0.0.1/8", "ten"])
def test_networks_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the text differs by what is wrong
        read_networks((text,))


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example/",
        "http://store.example.evil.example/",
        "http://xn--stre-6qa.example/",
        "http://evilstore.example/",
    ],
)
def test_hosts_that_are_not_allowed(url: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        check_url(url, allowed_hosts=frozenset({"store.example"}))

    assert caught.value.error_code == "upstream.url_refused"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://store.example/x", "store.example"),
        ("http://STORE.example:8080/", "store.example"),
        ("http://store.example./x", "store.example"),
        ("http://store_1.example/x?y=%2F", "store_1.example"),
        ("https://93.184.215.14/", PUBLIC),
        ("https://[2606:2800:0:0::1]:8443/", "2606:2800::1"),
    ],
)
def test_urls_that_are_taken(url: str, host: str) -> None:
    assert host_of(check_url(url, allowed_hosts=frozenset({host}))) == host


def test_the_corpus_is_large_and_every_trick_another() -> None:
    assert len(ADDRESSES) >= 100
    assert len(set(ADDRESSES.values())) == len(ADDRESSES)


@pytest.mark.parametrize("trick", ADDRESSES)
def test_no_trick_is_connected_to(watched: Watched, bait: Canary, trick: str) -> None:
    url = ADDRESSES[trick].replace("{port}", str(bait.port))
    before = len(bait.hits)

    with pytest.raises(UpstreamError) as caught:
        outbound.send(OutboundRequest(connection=trick, method="GET", url=url, timeout_seconds=2))

    assert caught.value.error_code in {
        "upstream.url_refused",
        "upstream.address_refused",
        "upstream.host_not_found",
    }
    assert not caught.value.effect_unknown
    assert (watched.connected, len(bait.hits)) == ([], before)


def test_the_counting_server_counts_where_it_may_be_reached(bait: Canary) -> None:
    before = len(bait.hits)
    url = f"http://127.0.0.1:{bait.port}/"

    answer = outbound.send(OutboundRequest(connection="bait", method="GET", url=url))

    assert (answer.status, len(bait.hits)) == (200, before + 1)


@pytest.mark.parametrize("trick", ["loopback", "metadata", "decimal", "name that leads inside"])
def test_a_redirect_leads_nowhere(bait: Canary, trick: str) -> None:
    before = len(bait.hits)
    location = ADDRESSES[trick].replace("{port}", str(bait.port))
    with canary(location) as first:
        url = f"http://127.0.0.1:{first.port}/"
        answer = outbound.send(OutboundRequest(connection="first", method="GET", url=url))

    assert (answer.status, len(first.hits), len(bait.hits)) == (302, 1, before)


def test_a_name_that_means_another_address_the_second_time(
    watched: Watched, bait: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer is checked and connected to; the second is never asked for."""
    answers = iter([(PUBLIC,), ("127.0.0.1",)])
    asked: list[str] = []

    class Lying(dict[str, tuple[str, ...]]):
        def __contains__(self, name: object) -> bool:
            return name == "rebinding.example"

        def __getitem__(self, name: str) -> tuple[str, ...]:
            asked.append(name)
            return next(answers)

    monkeypatch.setattr("tests.ssrf.NAMES", Lying(NAMES))
    url = f"http://rebinding.example:{bait.port}/"
    with pytest.raises(RuntimeError, match=PUBLIC):
        outbound.send(OutboundRequest(connection="r", method="GET", url=url))

    assert asked == ["rebinding.example"]
    assert [address[0] for address in watched.connected] == [PUBLIC]


def test_a_connection_names_fewer_networks_than_the_installation(
    settings: Any, bait: Canary
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "PRIVATE_NETWORKS": ("127.0.0.0/8",)}
    before = len(bait.hits)

    def ask(*networks: str) -> int:
        request = OutboundRequest(
            connection="store",
            method="GET",
            url=f"http://127.0.0.1:{bait.port}/",
            private_networks=networks,
        )
        return outbound.send(request).status

    assert ask("127.0.0.0/24") == 200
    for networks in ((), ("10.0.0.0/8",), ("127.0.0.0/7",), ("0.0.0.0/0",), ("store",)):
        with pytest.raises(UpstreamError) as caught:
            ask(*networks)
        assert caught.value.error_code in {"upstream.address_refused", "upstream.url_refused"}
    assert len(bait.hits) == before + 1
