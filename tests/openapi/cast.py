"""Who asks what: a caller for each kind that a contract names."""

import secrets
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from requests.auth import AuthBase

from backend.auth.contract import (
    Applicant,
    Bot,
    Confirmed,
    Holder,
    Keyholder,
    Leaver,
    Recipient,
)
from backend.kit.callers import Member, Service, Visitor
from backend.kit.op import Operation
from tests.attacks.bots import Secret
from tests.device import PASSWORD, Device, b64
from tests.openapi.signing import Proven, Served
from tests.openapi.stage import Stage

T = TypeVar("T")
KINDS = {
    "register": "register", "verify": "register", "complete": "oauth", "accept": "oauth",
    "ask_reset": "reset", "check_pin": "reset", "set_new_password": "reset",
}  # fmt: skip
"""What has to be begun for a step. For all others it is `login`."""


class Cast:
    """People, a bot and services of one house. Each is made when first asked for."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._names = 0

    def replace(self) -> None:
        """Have others ask from now on: the session of one of these is over."""
        for name in ("owner", "second", "robot"):
            vars(self).pop(name, None)

    @cached_property
    def owner(self) -> Device:
        return self.stage.new_owner()

    @cached_property
    def second(self) -> Device:
        """Another device of the owner's."""
        return self.stage.new_device_of(self.owner)

    @cached_property
    def robot(self) -> tuple[Secret, Device]:
        return self.stage.new_robot(self.owner)

    @cached_property
    def bystander(self) -> Device:
        return self.stage.new_member()

    @cached_property
    def room(self) -> str:
        return self.stage.find_room(self.owner)

    def ask(self, service: str, operation: Operation) -> tuple[AuthBase | None, Device | None]:
        """Somebody who may ask for an operation, and the device they ask with."""
        kind = operation.caller_types[0]
        if kind is Visitor:
            return None, None
        if kind is Service:
            return Served(self.stage.signer(min(operation.allow)), service), None
        if kind in {Applicant, Keyholder}:
            device = self._new_device(operation)
            return Proven(device, service, has_token=False), device
        if kind is Bot:
            return Proven(self.robot[1], service, has_token=False), self.robot[1]
        if kind in {Holder, Leaver}:
            return Proven(self.owner, service, has_token=False, has_cookie=True), self.owner
        assert kind in {Member, Recipient, Confirmed}, kind
        return Proven(self.owner, service), self.owner

    def _new_device(self, operation: Operation) -> Device:
        if operation.caller_types[0] is Keyholder:
            # One each: its session is another afterwards.
            return self.stage.new_device_of(self.owner)
        return self.stage.new_applicant(KINDS.get(operation.name, "login"))

    def find(self, parameter: str, device: Device | None) -> str | None:
        """What is there, or may be, of the kind that a parameter names. None: nothing."""
        self._names += 1
        found: dict[str, Callable[[], str]] = {
            "bot_id": lambda: self.robot[0].bot,
            "current": lambda: PASSWORD,
            "device_id": lambda: self.second.device_id,
            "device_secret": lambda: b64(secrets.token_bytes(32)),
            "email": lambda: f"otter-{self._names}@sosa.example",
            "identifier": lambda: self.owner.user["username"],
            "message_id": lambda: self.stage.new_message(self.owner, self.room),
            "method": lambda: "password",
            "name": lambda: f"otter-{self._names}",
            "password": lambda: PASSWORD,
            "preauth_id": lambda: device.preauth if device else "",
            "provider": lambda: "google",
            "room_id": lambda: self.room,
            "session_id": lambda: self.second.session,
            "user_id": lambda: self.bystander.user["id"],
            "username": lambda: self.bystander.user["username"],
        }
        return found[parameter]() if parameter in found else None
