"""An SMTP server that records: `python -m tests.kit.recorder PORT FOLDER`.

It speaks PIPELINING and is fast, so that a worker at full speed can be killed. What it
takes is in the file `taken` before it says so, a line a mail: when (nanoseconds since
1970), its Message-ID, to whom. The file is the truth of what arrived, whatever dies.

A faulty relay is what the file `faults` says, read anew a few times a second:

    {"refuse": 0.01, "lose": 0.01, "cut": 0.01, "half": 0.01, "late": 0.01,
     "swap": 0.01, "no_data": 0.01, "order": 0.01, "skip": 0.01, "unasked": 0.01,
     "early": 0.01, "mute": 0.01, "delay": 0.02}

refuse   451 to a message, not taken
lose     the whole message heard, not taken, cut without a word
cut      taken, and cut without a word
half     taken, half a reply, cut
late     taken, and answered LATE_SECONDS after
swap     taken, and a reply more than was asked
mute     taken, and never answered; what follows is answered as ever
no_data  cut at DATA, before the message
early    taken, and answered before it has come, and once more after
unasked  a reply to a command that was never sent, before that to MAIL
order    the reply to DATA before that to RCPT
skip     RCPT never answered
delay    seconds each message takes

It never says that it has what it has not: no client could notice. Each fault that
happens is a line in the file `met`.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from mailer.local.home import Home, python
from mailer.local.processes import Program

LATE_SECONDS = 25.0
EARLY_SECONDS = 0.0005  # a client has read the 354 by then, or has not
LOOK_SECONDS = 0.2
TAIL_BYTES = 4096  # surely holds a whole line
MESSAGE_ID = re.compile(rb"\r\nMessage-ID: (<[^>]*>)", re.IGNORECASE)
END = b"\r\n.\r\n"
TO = re.compile(rb"RCPT TO:<([^>]*)>", re.IGNORECASE)
ANSWERS = {
    b"EHLO": b"250-recorder.example\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n",
    b"MAIL": b"250 2.1.0 Go on\r\n",
    b"RCPT": b"250 2.1.5 Go on\r\n",
    b"RSET": b"250 2.0.0 Forgotten\r\n",
    b"NOOP": b"250 2.0.0 Yes\r\n",
}
TAKEN = b"250 2.0.0 Taken\r\n"
UNASKED = b"250 2.0.0 Unasked\r\n"
AT_THE_END = ("refuse", "lose", "cut", "half", "late", "swap", "mute")


class Recorder:
    """What all connections share: the file, and how the relay behaves now."""

    def __init__(self, folder: Path, *, seed: int = 0) -> None:
        self._faults_file = folder / "faults"
        self._out = os.open(
            folder / "taken", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644
        )
        self._met = os.open(
            folder / "met", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644
        )
        self._random = random.Random(seed)
        self.faults: dict[str, float] = {}

    def record(self, message: bytes, address: bytes) -> None:
        """Write one mail down."""
        found = MESSAGE_ID.search(message)
        name = found[1] if found else b"<none>"
        line = b"%d %s %s\n" % (time.time_ns(), name, address)
        os.write(self._out, line)

    def meets(self, *names: str) -> str:
        """Return which of these faults happens now, empty for none."""
        if not self.faults:
            return ""
        dice = self._random.random()
        for name in names:
            chance = self.faults.get(name, 0.0)
            if dice < chance:
                os.write(self._met, f"{name}\n".encode())
                return name
            dice -= chance
        return ""

    async def look(self) -> None:
        """Read how to behave, for ever."""
        while True:
            with contextlib.suppress(OSError, ValueError):
                self.faults = json.loads(self._faults_file.read_text())
            await asyncio.sleep(LOOK_SECONDS)


class Conversation(asyncio.Protocol):
    """One connection."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._buffer = bytearray()
        self._in_message = False
        self._address = b""
        self._held_back = b""  # a reply that comes after the next
        self._has_answered = False  # the message, before it has come
        self._is_waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 recorder.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Take what came; a message that is being thought about holds up the rest."""
        self._buffer += data
        self._go_on()

    def _go_on(self) -> None:
        while not self._is_waiting and not self._transport.is_closing():
            if not (self._message() if self._in_message else self._command()):
                return

    def _command(self) -> bool:
        line, mark, rest = bytes(self._buffer[:512]).partition(b"\r\n")
        if not mark:
            return False
        del rest
        del self._buffer[: len(line) + 2]
        verb = line[:4].upper()
        if verb == b"DATA":
            self._on_data()
        elif verb == b"QUIT":
            self._transport.write(b"221 2.0.0 Bye\r\n")
            self._transport.close()
        elif verb == b"RCPT" and (found := TO.match(line)):
            self._address = found[1]
            self._on_recipient()
        else:
            if verb == b"MAIL" and self._recorder.meets("unasked"):
                self._transport.write(UNASKED)
            self._transport.write(ANSWERS.get(verb, b"500 5.5.2 What?\r\n"))
        return True

    def _on_recipient(self) -> None:
        fault = self._recorder.meets("order", "skip")
        if fault == "order":
            self._held_back = ANSWERS[b"RCPT"]
        elif not fault:
            self._transport.write(ANSWERS[b"RCPT"])

    def _on_data(self) -> None:
        fault = self._recorder.meets("no_data", "early")
        if fault == "no_data":
            self._transport.abort()
            return
        self._in_message = True
        self._transport.write(b"354 Go on\r\n" + self._held_back)
        self._held_back = b""
        if fault == "early":
            self._has_answered = True
            asyncio.get_running_loop().call_later(EARLY_SECONDS, self._say_taken)

    def _message(self) -> bool:
        # The end may follow the 354 at once: an empty message is ".\r\n".
        at = self._buffer.find(END)
        if at < 0:
            return False
        message = b"\r\n" + bytes(self._buffer[:at])
        del self._buffer[: at + len(END)]
        self._in_message = False
        delay = self._recorder.faults.get("delay", 0.0)
        if delay:
            self._wait(delay, message)
        else:
            self._answer(message)
        return True

    def _wait(self, seconds: float, message: bytes) -> None:
        self._is_waiting = True

        def over() -> None:
            self._is_waiting = False
            self._answer(message)
            self._go_on()

        asyncio.get_running_loop().call_later(seconds, over)

    def _answer(self, message: bytes) -> None:
        if self._transport.is_closing():
            return  # who asked is gone; nothing was promised
        fault = ""
        if not self._has_answered:
            fault = self._recorder.meets(*AT_THE_END)
        self._has_answered = False
        if fault == "refuse":
            self._transport.write(b"451 4.3.2 Later\r\n")
            return
        if fault == "lose":
            self._transport.abort()
            return
        self._recorder.record(message, self._address)
        if fault == "cut":
            self._transport.abort()
        elif fault == "half":
            self._transport.write(b"25")
            self._transport.close()
        elif fault == "late":
            self._is_waiting = True
            asyncio.get_running_loop().call_later(LATE_SECONDS, self._late)
        elif fault != "mute":
            self._transport.write(UNASKED + TAKEN if fault == "swap" else TAKEN)

    def _late(self) -> None:
        self._is_waiting = False
        self._say_taken()
        self._go_on()

    def _say_taken(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(TAKEN)


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that was taken. at_ns: nanoseconds since 1970."""

    at_ns: int
    message_id: str
    address: str


def taken(home: Home) -> list[Taken]:
    """Return what the recorder of an installation has taken, oldest first."""
    text = (home.folder / "taken").read_text()
    whole = text[: text.rfind("\n") + 1].splitlines()
    return [Taken(int(at), *rest) for at, *rest in (line.split(" ") for line in whole)]


def last_taken_at_ns(home: Home) -> int:
    """Return when the recorder of an installation took its last mail."""
    with (home.folder / "taken").open("rb") as file:
        file.seek(-min(TAIL_BYTES, file.seek(0, os.SEEK_END)), os.SEEK_END)
        *_, last, _ = file.read().split(b"\n")
    return int(last.split(b" ")[0])


def met(home: Home) -> int:
    """Return how often the recorder of an installation did something wrong."""
    return len((home.folder / "met").read_text().splitlines())


def recorder(home: Home) -> Program:
    """Return the recording server, in the relay's place of an installation."""
    port = str(home.ports["smtp"])
    command = python("-m", "tests.kit.recorder", port, str(home.folder))
    environment = home.environment() | {"PYTHONPATH": str(Path.cwd())}
    file = home.folder / "taken"
    return Program("relay", command, environment, home.log("relay"), file.exists)


async def serve(port: int, folder: Path) -> None:
    """Serve until the process ends."""
    recorder = Recorder(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Conversation(recorder), "127.0.0.1", port, backlog=512
    )
    async with server:
        await recorder.look()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
