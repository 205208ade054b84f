"""Addresses that must never be reached, and a server that counts whoever reaches it.

Every case is data: a name, the address, and what a resolver that lies would say. ``{port}`` is
the port of the counting server on loopback.
"""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

PUBLIC = "93.184.215.14"

#: What names lead to, for a resolver that answers whatever an attacker wants.
NAMES: Mapping[str, tuple[str, ...]] = {
    "localhost": ("127.0.0.1", "::1"),
    "localhost.": ("127.0.0.1",),
    "inside.example": ("127.0.0.1",),
    "127.0.0.1.nip.example": ("127.0.0.1",),
    "7f000001.nip.example": ("127.0.0.1",),
    "mixed.example": (PUBLIC, "127.0.0.1"),
    "mapped.example": ("::ffff:127.0.0.1",),
    "metadata.google.internal": ("169.254.169.254",),
    "metadata.example": ("169.254.169.254",),
    "ten.example": ("10.0.0.5",),
    "carrier.example": ("100.64.0.1",),
    "ula.example": ("fd00::1",),
    "zone.example": ("fe80::1%lo",),
    "six.example": ("::1",),
    "unspecified.example": ("0.0.0.0",),  # noqa: S104  an address to refuse
    "xn--localhst-c1a.example": ("127.0.0.1",),
    "public.example": (PUBLIC,),
}

#: Name of the trick to the address.
ADDRESSES: Mapping[str, str] = {
    "loopback": "http://127.0.0.1:{port}/",
    "loopback, another of its addresses": "http://127.8.8.8:{port}/",
    "loopback by name": "http://localhost:{port}/",
    "loopback by name with a dot": "http://localhost.:{port}/",
    "loopback by name, capitals": "http://LOCALHOST:{port}/",
    "loopback, trailing dot": "http://127.0.0.1.:{port}/",
    "decimal": "http://2130706433:{port}/",
    "decimal, overflowing": "http://6425673729:{port}/",
    "octal, whole": "http://017700000001:{port}/",
    "octal, dotted": "http://0177.0.0.1:{port}/",
    "octal, padded": "http://0000177.0000.0000.0001:{port}/",
    "hexadecimal, whole": "http://0x7f000001:{port}/",
    "hexadecimal, dotted": "http://0x7f.0x0.0x0.0x1:{port}/",
    "hexadecimal, capitals": "http://0X7F.1:{port}/",
    "short, two parts": "http://127.1:{port}/",
    "short, three parts": "http://127.0.1:{port}/",
    "mixed bases": "http://0x7f.0.0.01:{port}/",
    "zero": "http://0:{port}/",
    "unspecified": "http://0.0.0.0:{port}/",
    "broadcast": "http://255.255.255.255:{port}/",
    "multicast": "http://224.0.0.1:{port}/",
    "reserved": "http://240.0.0.1:{port}/",
    "ten": "http://10.0.0.1:{port}/",
    "172.16": "http://172.16.0.1:{port}/",
    "192.168": "http://192.168.0.1:{port}/",
    "carrier grade": "http://100.64.0.1:{port}/",
    "link-local": "http://169.254.1.1:{port}/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata of containers": "http://169.254.170.2/v2/credentials",
    "metadata, decimal": "http://2852039166/latest/meta-data/",
    "metadata, octal": "http://0251.0376.0251.0376/",
    "metadata, hexadecimal": "http://0xa9fea9fe/",
    "metadata by name": "http://metadata.google.internal/computeMetadata/v1/",
    "metadata by another name": "http://metadata.example/",
    "metadata, IPv6": "http://[fd00:ec2::254]/latest/meta-data/",
    "metadata of another cloud": "http://100.100.100.200/latest/meta-data/",
    "metadata, mapped": "http://[::ffff:169.254.169.254]/",
    "wire server": "http://168.63.129.16/machine/",
    "documentation network": "http://192.0.2.1:{port}/",
    "benchmark network": "http://198.18.0.1:{port}/",
    "IPv6 loopback": "http://[::1]:{port}/",
    "IPv6 loopback, long": "http://[0000:0000:0000:0000:0000:0000:0000:0001]:{port}/",
    "IPv6 unspecified": "http://[::]:{port}/",
    "IPv6 mapped": "http://[::ffff:127.0.0.1]:{port}/",
    "IPv6 mapped, hexadecimal": "http://[::ffff:7f00:1]:{port}/",
    "IPv6 compatible": "http://[::127.0.0.1]:{port}/",
    "IPv6 translated": "http://[::ffff:0:127.0.0.1]:{port}/",
    "6to4": "http://[2002:7f00:1::]:{port}/",
    "teredo": "http://[2001:0:53aa:64c:0:fbff:80ff:fffe]:{port}/",
    "NAT64": "http://[64:ff9b::7f00:1]:{port}/",
    "NAT64, local": "http://[64:ff9b:1::7f00:1]:{port}/",
    "ISATAP": "http://[2606:2800::200:5efe:7f00:1]:{port}/",
    "unique local": "http://[fc00::1]:{port}/",
    "unique local, fd": "http://[fd12:3456::1]:{port}/",
    "IPv6 link-local": "http://[fe80::1]:{port}/",
    "zone id": "http://[fe80::1%25lo]:{port}/",
    "zone id, plain": "http://[fe80::1%lo]:{port}/",
    "zone id on loopback": "http://[::1%25lo]:{port}/",
    "IPv6 multicast": "http://[ff02::1]:{port}/",
    "IPv6 discard": "http://[100::1]:{port}/",
    "IPv6 documentation": "http://[2001:db8::1]:{port}/",
    "name in the address": "http://public.example@127.0.0.1:{port}/",
    "name and password": "http://public.example:80@127.0.0.1:{port}/",
    "empty name": "http://@127.0.0.1:{port}/",
    "two ats": "http://a@public.example@127.0.0.1:{port}/",
    "fragment before the at": "http://public.example#@127.0.0.1:{port}/",
    "fragment": "http://127.0.0.1:{port}#.public.example/",
    "backslash": "http://public.example\\@127.0.0.1:{port}/",
    "backslash for a slash": "http:\\\\127.0.0.1:{port}\\",
    "backslash in the path": "http://127.0.0.1:{port}\\.public.example/",
    "full-width digits": "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11:{port}/",
    "circled digits": "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460:{port}/",
    "ideographic dots": "http://127\u30020\u30020\u30021:{port}/",
    "full-width name": "http://\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54:{port}/",
    "punycode": "http://xn--localhst-c1a.example:{port}/",
    "soft hyphen": "http://local\u00adhost:{port}/",
    "percent-encoded digits": "http://%31%32%37.0.0.1:{port}/",
    "percent-encoded dot": "http://127%2e0.0.1:{port}/",
    "name that leads inside": "http://inside.example:{port}/",
    "name made of the address": "http://127.0.0.1.nip.example:{port}/",
    "name made of hexadecimal": "http://7f000001.nip.example:{port}/",
    "one of two addresses": "http://mixed.example:{port}/",
    "name to a mapped address": "http://mapped.example:{port}/",
    "name to ten": "http://ten.example:{port}/",
    "name to carrier grade": "http://carrier.example:{port}/",
    "name to unique local": "http://ula.example:{port}/",
    "name to a zone": "http://zone.example:{port}/",
    "name to IPv6 loopback": "http://six.example:{port}/",
    "name to unspecified": "http://unspecified.example:{port}/",
    "file": "file:///etc/passwd",
    "file with a host": "file://127.0.0.1/etc/passwd",
    "gopher": "gopher://127.0.0.1:{port}/_GET",
    "dict": "dict://127.0.0.1:{port}/info",
    "ftp": "ftp://127.0.0.1:{port}/",
    "ldap": "ldap://127.0.0.1:{port}/",
    "data": "data:text/plain,x",
    "no scheme": "//127.0.0.1:{port}/",
    "view-source": "view-source:http://127.0.0.1:{port}/",
    "socket": "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "ssh port": "http://public.example:22/",
    "mail port": "http://public.example:25/",
    "redis port": "http://public.example:6379/",
    "memcached port": "http://public.example:11211/",
    "database port": "http://public.example:5432/",
    "docker port": "http://public.example:2375/",
    "kubelet port": "http://public.example:10250/",
    "port zero": "http://public.example:0/",
    "port too large": "http://public.example:65536/",
    "negative port": "http://public.example:-80/",
    "line break in the host": "http://public.example\r\nHost: 127.0.0.1:{port}/",
    "line break in the path": "http://public.example/\r\nX: 1",
    "tab in the host": "http://127.0.\t0.1:{port}/",
    "NUL in the host": "http://127.0.0.1\x00.public.example:{port}/",
    "space before": " http://127.0.0.1:{port}/",
    "space in the host": "http://public.example 127.0.0.1:{port}/",
    "empty host": "http:///127.0.0.1:{port}/",
    "three slashes": "http:////127.0.0.1:{port}/",
    "broken brackets": "http://[::1:{port}/",
    "brackets around IPv4": "http://[127.0.0.1]:{port}/",
    "IPv-future": "http://[v1.127.0.0.1]:{port}/",
    "comma for a dot": "http://127,0,0,1:{port}/",
    "two dots": "http://127..0.0.1:{port}/",
    "five parts": "http://127.0.0.1.1:{port}/",
    "too long": "http://public.example/" + "a" * 3000,
}


@dataclass(slots=True)
class Canary:
    """A server on loopback that nobody may reach.

    Attributes:
        hits: Requests that reached it.
    """

    port: int
    hits: list[str] = field(default_factory=list)


@contextmanager
def canary(location: str = "") -> Iterator[Canary]:
    """Count requests; with a location, answer each with a redirect to it."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            found.hits.append(self.path)
            self.send_response(302 if location else 200)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = do_HEAD = answer  # noqa: N815  named so by the library

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Canary(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class Watched:
    """A resolver that lies as ``NAMES`` says, and every address connected to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.connected: list[Any] = []
        real, connect = socket.getaddrinfo, socket.socket.connect

        def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
            if host in NAMES:
                return [
                    (
                        socket.AF_INET6 if ":" in ip else socket.AF_INET,
                        socket.SOCK_STREAM,
                        6,
                        "",
                        (ip, port),
                    )
                    for ip in NAMES[host]
                ]
            kwargs["flags"] = socket.AI_NUMERICHOST
            return real(host, port, *args, **kwargs)

        def watching(sock: socket.socket, address: Any) -> None:
            self.connected.append(address)
            connect(sock, address)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        monkeypatch.setattr(socket.socket, "connect", watching)
