"""Redis as a cache that may be gone: then nothing is remembered, and nothing fails for it.

What stands in the cache only spares a question or bounds a count; the rows are the truth. A
request that would have been served is served while the server is away.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
T = TypeVar("T")


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache; without its server it is empty, and keeps nothing."""

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Add a value; without a server it counts as added, as in an empty cache."""
        return self._or(
            lambda: super(ForgivingRedisCache, self).add(*args, **kwargs), otherwise=True
        )

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return a value; without a server the default."""
        return self._or(
            lambda: super(ForgivingRedisCache, self).get(key, default, version), otherwise=default
        )

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Set a value; without a server nothing."""
        self._or(lambda: super(ForgivingRedisCache, self).set(*args, **kwargs), otherwise=None)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count; without a server the count begins anew each time, so that no bound is met."""
        return self._or(
            lambda: super(ForgivingRedisCache, self).incr(key, delta, version), otherwise=delta
        )

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Delete a value; without a server nothing."""
        return self._or(
            lambda: super(ForgivingRedisCache, self).delete(*args, **kwargs), otherwise=False
        )

    def _or(self, ask: Callable[[], T], *, otherwise: T) -> T:
        try:
            return ask()
        except RedisError as error:
            log.warning("cache.unreachable", error=type(error).__name__)
            return otherwise
