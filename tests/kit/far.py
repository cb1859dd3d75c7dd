"""A relay that is far away: a proxy that holds back each byte for half a round trip."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def far_away(port: int, *, round_trip_seconds: float) -> Iterator[int]:
    """Lend the port of a proxy to a local port; each way takes half of the time."""
    loop = asyncio.new_event_loop()
    ready: dict[str, int] = {}
    started = threading.Event()

    async def serve() -> None:
        async def meet(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            there = await asyncio.open_connection("127.0.0.1", port)
            half = round_trip_seconds / 2
            await asyncio.gather(
                _carry(reader, there[1], half), _carry(there[0], writer, half)
            )

        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        ready["port"] = server.sockets[0].getsockname()[1]
        started.set()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop)
    started.wait()
    try:
        yield ready["port"]
    finally:
        ending = asyncio.run_coroutine_threadsafe(_end_all(), loop)
        ending.result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float
) -> None:
    """Carry bytes one way, each piece so many seconds after it came, in order."""
    loop = asyncio.get_running_loop()
    while data := await reader.read(65_536):
        loop.call_later(seconds, writer.write, data)
    loop.call_later(seconds, writer.close)
