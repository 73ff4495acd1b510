"""`yzt devices`: simulate the device agent of a window, or check one that runs on this machine."""

import argparse
from pathlib import Path
from typing import Any

from yizhengtong.permitting.casework.devices.client import Agent
from yizhengtong.permitting.casework.devices.contract import PORT, BrokenContract, Refused
from yizhengtong.permitting.casework.devices.simulator import Simulator
from yizhengtong.project.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "The device agent of a window (docs/contracts/devices.md): a simulator, and a check."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("what", choices=["simulate", "check"])
        parser.add_argument("--origin", default="http://127.0.0.1:8000", help="address of the platform whose pages ask")
        parser.add_argument("--port", type=int, default=PORT)
        parser.add_argument("--folder", type=Path, help="lay a file no-document here to take the document away")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["what"] == "check":
            return self._check(Agent(options["origin"], options["port"]))
        with Simulator(origin=options["origin"], port=options["port"], folder=options["folder"]) as simulator:
            self.stdout.write(
                f"simulated devices at http://127.0.0.1:{simulator.port}, for pages of {options['origin']}"
            )
            try:
                simulator.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("stopped")

    def _check(self, agent: Agent) -> None:
        """Ask for everything and say what came, without what it says of anybody."""
        try:
            for device in agent.devices():
                self.stdout.write(f"{device.kind}: {device.name}, {'ready' if device.is_ready else 'not ready'}")
            self.stdout.write(f"document: {agent.document().kind}")
            finger = agent.fingerprint("right_thumb")
            self.stdout.write(f"fingerprint: {len(finger.image)} bytes, {finger.resolution_dpi} dpi")
        except (OSError, BrokenContract, Refused) as problem:
            raise CommandError(f"the agent does not keep the contract: {type(problem).__name__} {problem}") from problem
