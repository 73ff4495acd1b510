"""`python -m yizhengtong.foundation.exchange.receiver`: the receiver kit as a program of its own."""

import argparse
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from yizhengtong.foundation.exchange.keys import PublicKey, public_keys
from yizhengtong.foundation.exchange.receiver.serving import ReceivingServer
from yizhengtong.foundation.exchange.receiver.store import Store
from yizhengtong.foundation.exchange.receiver.taking import Receiver


def main(arguments: Sequence[str] | None = None) -> int:
    """Receive until SIGINT or SIGTERM; or show what was received."""
    parser = argparse.ArgumentParser(description="Receive pushed events: check, keep on the disk, acknowledge.")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    try:
        if options.show:
            return show(options.store)
        return receive(port=options.port, url=options.url, keys=options.keys, store=options.store)
    except (OSError, ValueError) as problem:
        sys.stderr.write(f"receiver: {problem}\n")
        return 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the receiver can be told."""
    parser.add_argument("--port", type=int, default=8300, help="port on 127.0.0.1")
    parser.add_argument("--url", help="address that the platform pushes to; empty: http://127.0.0.1:PORT/events")
    parser.add_argument("--keys", type=Path, help="file with the platform's public keys, a JSON Web Key Set")
    parser.add_argument("--store", type=Path, required=True, help="SQLite file that keeps the events")
    parser.add_argument("--show", action="store_true", help="list what was received, without its data, and end")


def receive(*, port: int, url: str | None, keys: Path | None, store: Path) -> int:
    """Serve until told to end. Raises ValueError for keys that are none, OSError for port or file."""
    if keys is None:
        raise ValueError("name the file with the public keys: --keys FILE")
    known = public_keys(keys.read_text(encoding="utf-8"))
    kept = Store(store)
    server = _server(port, url, known, kept)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: threading.Thread(target=server.shutdown).start())
    _say(f"receiving at {server.receiver.url}, {len(known)} keys")
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    kept.close()
    return 0


def _server(port: int, url: str | None, keys: dict[str, PublicKey], kept: Store) -> ReceivingServer:
    receiver = Receiver(url=url or f"http://127.0.0.1:{port}/events", keys=keys, store=kept, now=time.time)
    return ReceivingServer(port, receiver, _say)


def show(path: Path) -> int:
    """List the events of a file: number, how often each came, type, subject, sequence."""
    kept = Store(path)
    for event in kept.events():
        _say(f"{event.number:6} {event.came:3}x {event.type} {event.subject} {event.sequence} {event.id}")
    _say(f"out of order: {kept.out_of_order()}")
    kept.close()
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
