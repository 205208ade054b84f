"""Open streams beside ordinary requests: what the second cost while the first are held.

    python -m benchmarks.live_streams --url http://127.0.0.1:8000 --streams 100

Signs in as a person of the demonstration. The server has to have the threads:
``GRANIAN_BLOCKING_THREADS=132 granian --interface wsgi orchestra.wsgi:application``.
"""

import argparse
import json
import statistics
import sys
import threading
import time

import httpx

REQUESTS = 100
CLIENTS = 4
#: A stream lives for 25 seconds and says something every five.
ANSWERED_SECONDS = 40
PAGE = "/admin/approvals/"
#: Everybody in the demonstration has it.
PASSWORD = "orchestra"  # noqa: S105  no secret


def sign_in(url: str) -> dict[str, str]:
    """Return the cookies of a session."""
    with httpx.Client(base_url=url, follow_redirects=True, timeout=30) as client:
        client.get("/admin/login/")
        body = {"username": "supervisor", "password": PASSWORD, "next": "/admin/"}
        token = next(value for name, value in client.cookies.items() if "csrf" in name)
        client.post(
            "/admin/login/",
            data={**body, "csrfmiddlewaretoken": token},
            headers={"Referer": f"{url}/admin/login/"},
        ).raise_for_status()
        return dict(client.cookies.items())


def measure(url: str, cookies: dict[str, str]) -> dict[str, float]:
    """Return rate and latencies of ordinary pages, in milliseconds."""
    found: list[float] = []

    def ask() -> None:
        with httpx.Client(base_url=url, cookies=cookies, timeout=30) as client:
            for _number in range(REQUESTS // CLIENTS):
                began = time.perf_counter()
                client.get(PAGE).raise_for_status()
                found.append(1000 * (time.perf_counter() - began))

    began = time.perf_counter()
    threads = [threading.Thread(target=ask) for _number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "a_second": round(REQUESTS / (time.perf_counter() - began), 1),
        "median_ms": round(statistics.median(found), 1),
        "p95_ms": round(statistics.quantiles(found, n=20)[-1], 1),
    }


class Held:
    """So many streams, each taken up again when it ends."""

    def __init__(self, url: str, cookies: dict[str, str], count: int) -> None:
        """Open them."""
        self.open = 0
        self.refused = 0
        self.over = threading.Event()
        self._count = count
        self._told = threading.Condition()
        self._holding = [
            threading.Thread(target=self._hold, args=(url, cookies), daemon=True)
            for _number in range(count)
        ]
        for each in self._holding:
            each.start()

    def wait_until_answered(self) -> None:
        """Wait until every stream was taken or refused."""
        with self._told:
            if not self._told.wait_for(
                lambda: self.open + self.refused >= self._count, ANSWERED_SECONDS
            ):
                raise SystemExit(f"{self.open} of {self._count} streams were taken; no more came.")

    def end(self) -> None:
        """Let go of every stream; each ends with its next line."""
        self.over.set()
        for each in self._holding:
            each.join(ANSWERED_SECONDS)

    def _hold(self, url: str, cookies: dict[str, str]) -> None:
        with httpx.Client(base_url=url, cookies=cookies, timeout=30) as client:
            while not self.over.is_set():
                with client.stream("GET", "/admin/live/") as answer:
                    is_open = answer.status_code == httpx.codes.OK
                    with self._told:
                        self.open += is_open
                        self.refused += not is_open
                        self._told.notify_all()
                    for _line in answer.iter_lines():
                        if self.over.is_set():
                            return
                    with self._told:
                        self.open -= is_open
                self.over.wait(1)


def tell(report: list[dict[str, object]]) -> None:
    """Print the last two measurements."""
    for line in report[-2:]:
        sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure without and with the streams, twice each, in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--streams", type=int, default=100)
    options = parser.parse_args()
    cookies = sign_in(options.url)
    measure(options.url, cookies)
    report: list[dict[str, object]] = []
    for _turn in range(2):
        report.append({"streams": 0, **measure(options.url, cookies)})
        held = Held(options.url, cookies, options.streams)
        held.wait_until_answered()
        report.append(
            {"streams": held.open, "refused": held.refused, **measure(options.url, cookies)}
        )
        held.end()
        tell(report)


if __name__ == "__main__":
    main()
