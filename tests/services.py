"""Runs the suite on PostgreSQL and Redis where they answer.

With ORCHESTRA_REQUIRE_SERVICES=1 a service that does not answer is a failure, so that a
green run cannot hide a skipped half.
"""

import os
import sys

import psycopg
import pytest
import redis

DATABASE_URL = os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/orchestra")
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/9")


def unreachable() -> str:
    """Return which service does not answer, or an empty text."""
    try:
        psycopg.connect(DATABASE_URL.rsplit("/", 1)[0] + "/postgres", connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return f"PostgreSQL does not answer: {error}"
    try:
        redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        return f"Redis does not answer: {error}"
    return ""


def main() -> int:
    """Run pytest with both services, or say why not."""
    reason = unreachable()
    if reason:
        print(reason, file=sys.stderr)
        return 1 if os.environ.get("ORCHESTRA_REQUIRE_SERVICES") == "1" else 0
    os.environ["DATABASE_URL"] = DATABASE_URL
    os.environ["REDIS_URL"] = REDIS_URL
    return int(pytest.main(sys.argv[1:]))


if __name__ == "__main__":
    raise SystemExit(main())
