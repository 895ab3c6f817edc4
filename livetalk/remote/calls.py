"""Calls: what a plugin asks of a provider over the network, on an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from livetalk.errors import ProviderError
from livetalk.protocols.cancel import Cancel
from livetalk.worker import STOP_TIMEOUT_S, Worker, patience_s

T = TypeVar("T")

ROOM = 512
"""items that may wait to be read; then the provider waits"""


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long a provider may take."""

    first_s: float
    """until its first item"""
    next_s: float
    """between two items"""
    setting: str = ""
    """that says so, for errors"""


class Calls:
    """One thread, on which all calls of a plugin wait.

    Plugins are asked by threads that block. Asyncio waits for them here, since it alone ends a call at once
    wherever it stands: while a name is looked up, while a server thinks, in mid-stream.
    """

    def __init__(self, name: str) -> None:
        self._worker = Worker(name, self._run)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ends: list[Callable[[], Awaitable[object]]] = []

    def start(self) -> None:
        """Begin to take calls."""
        self._loop = asyncio.new_event_loop()
        self._worker.start()

    def stop(self) -> None:
        """Break off what is left, close what `at_end` named, and end the thread. More than once is fine.

        Raises:
            StageError: it did not end in time.
        """
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)
            self._worker.wait()

    def at_end(self, close: Callable[[], Awaitable[object]]) -> None:
        """Have something closed when the thread ends; called on the loop."""
        self._ends.append(close)

    def stream(
        self, name: str, make: Callable[[], AsyncIterator[T]], limits: TimeLimits, cancel: Cancel
    ) -> Generator[T, None, None]:
        """Yield what `make`'s iterator yields on the loop; end as soon as `cancel` says so.

        Whoever stops reading, and closes it, ends the call as well. `name` is the provider's, for errors.

        Raises:
            ProviderError: the provider took too long, or what the iterator raised.
        """
        flow: _Flow[T] = _Flow(name, self._running(name))
        task = self._begin(flow.fill(make, limits), name)

        def give_up() -> None:
            flow.cut()
            task.cancel()

        end_watch = cancel.watch(give_up)
        try:
            while (item := flow.next()) is not None:
                yield item[0]
        finally:
            end_watch()
            give_up()

    def ask(
        self, name: str, make: Callable[[], Coroutine[Any, Any, T]], limit_s: float, cancel: Cancel
    ) -> T | None:
        """What one coroutine gives, or None where `cancel` said to give up.

        Raises:
            ProviderError: the provider took too long, or what the coroutine raised.
        """

        async def one() -> AsyncIterator[T]:
            yield await make()

        return next(self.stream(name, one, TimeLimits(limit_s, limit_s), cancel), None)

    def _running(self, name: str) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise ProviderError(f"{name} is closed", retryable=False)
        return self._loop

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> Future[None]:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._running(name))
        except RuntimeError as error:  # it was closed meanwhile
            work.close()
            raise ProviderError(f"{name} is closed", retryable=False) from error

    def _run(self) -> None:
        loop = self._loop
        if loop is None:
            return
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(self._end())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def _end(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.wait([*left, asyncio.create_task(self._close_all())], timeout=STOP_TIMEOUT_S / 2)

    async def _close_all(self) -> None:
        await asyncio.gather(*(close() for close in self._ends), return_exceptions=True)


class _Flow(Generic[T]):
    """What comes in on the loop, and is taken by one other thread."""

    def __init__(self, name: str, loop: asyncio.AbstractEventLoop) -> None:
        self._name = name
        self._loop = loop
        self._changed = threading.Condition()
        self._items: deque[T] = deque()
        self._some = False
        """whether an item ever came"""
        self._room: asyncio.Future[None] | None = None
        """done once there is room again; None while there is"""
        self._error: Exception | None = None
        self._ended = False

    async def fill(self, make: Callable[[], AsyncIterator[T]], limits: TimeLimits) -> None:
        """Take all items, and what the iterator raises."""
        error: Exception | None = None
        try:
            await self._read(make(), limits)
        except TimeoutError as cause:
            error = self._late(limits)
            error.__cause__ = cause
        except Exception as raised:  # noqa: BLE001 - whatever it is, the reader raises it
            error = raised
        finally:
            with self._changed:
                if not self._ended:
                    self._error, self._ended = error, True
                self._changed.notify()

    async def _read(self, items: AsyncIterator[T], limits: TimeLimits) -> None:
        limit_s = limits.first_s
        while True:
            async with asyncio.timeout(limit_s):
                item = await anext(items, _NOTHING)
            if isinstance(item, _Nothing):
                return
            limit_s = limits.next_s
            if room := self._put(item):
                await room

    def _put(self, item: T) -> asyncio.Future[None] | None:
        """Add an item; what to wait for before the next one."""
        with self._changed:
            if self._ended:  # cut, and not yet told
                return None
            self._items.append(item)
            self._some = True
            self._changed.notify()
            if len(self._items) >= ROOM:
                self._room = self._loop.create_future()
            return self._room

    def _late(self, limits: TimeLimits) -> ProviderError:
        by = f" ({limits.setting})" if limits.setting else ""
        if self._some:
            return ProviderError(f"{self._name} fell silent for {limits.next_s:g} s{by}", retryable=True)
        return ProviderError(f"{self._name} did not answer within {limits.first_s:g} s{by}", retryable=True)

    def next(self) -> tuple[T] | None:
        """The next item, None at the end."""
        with self._changed:
            while not self._changed.wait_for(lambda: self._items or self._ended, patience_s()):
                pass
            if not self._items:
                if self._error is not None:
                    raise self._error
                return None
            item = self._items.popleft()
            if self._room is not None and len(self._items) <= ROOM // 2:
                self._loop.call_soon_threadsafe(_free, self._room)
                self._room = None
            return (item,)

    def cut(self) -> None:
        """Nobody reads on."""
        with self._changed:
            self._items.clear()
            self._error, self._ended = None, True
            self._changed.notify()


def _free(room: asyncio.Future[None]) -> None:
    if not room.done():
        room.set_result(None)


class _Nothing:
    """In place of an item: there is none."""


_NOTHING = _Nothing()

__all__ = ["Calls", "TimeLimits"]
