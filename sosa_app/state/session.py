"""Who stands behind a Reflex connection, and the one guard that every handler asks."""

import hashlib
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass

import reflex as rx
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from typing_extensions import override

from backend.auth.contract import RedeemTicket
from backend.kit.callers import Member, Service
from backend.kit.errors import SosaError
from sosa_app.services import auth, revocations, settings

EVENT_PATH = "/_event"
UI = Service(name="ui")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A member, and the one connection that proved to be theirs."""

    member: Member
    connection: str
    """Socket.IO's id of the connection: made by the server, never sent by a page."""
    expires_at: int


class Session(rx.State):
    """Whether this page's connection is attached to a member's session."""

    attachment: str = ""
    """Changes with each attachment; empty while there is none."""
    renew_in_seconds: int = 0
    renewed_at: int = 0
    refusal: str = ""
    _attached: Attachment | None = None

    @rx.event
    async def attach(self, ticket: str, proof: str) -> None:
        """Redeem a ticket for this connection.

        The arguments come from anywhere and nobody believes them: auth spends the ticket once, and
        only with a proof by the device that asked for it, for this origin and this client token.
        """
        router = self.router.session
        connection = router.session_id
        try:
            redeemed = await auth().redeem_ticket(
                UI,
                RedeemTicket(
                    ticket=str(ticket),
                    proof=str(proof),
                    aud="ui",
                    origin=self.router.headers.origin,
                    htu=settings().origin + EVENT_PATH,
                    bind=bind_of(router.client_token),
                ),
            )
        except SosaError as error:
            self.refusal = error.message
            return
        if self._attached and self._attached.member.user_id != redeemed.member.user_id:
            # Somebody else signed in in this browser. Nothing of the one before may stay.
            self._get_root_state().reset()
        self._attached = Attachment(redeemed.member, connection, redeemed.expires_at)
        self.attachment = self.attachment or connection
        self.renewed_at = int(time.time())
        self.renew_in_seconds = max(0, redeemed.expires_at - self.renewed_at)
        self.refusal = ""

    def _standing(self) -> Member | None:
        attached = self._attached
        if attached is None or attached.connection != self.router.session.session_id:
            return None
        if attached.expires_at <= time.time():
            return None
        if revocations().is_revoked(attached.member.session_id):
            return None
        return attached.member


async def find_member(state: rx.State) -> Member | None:
    """The member for whom the current event may act; None unless this very connection is attached.

    Every handler is a public endpoint that any page may call with any argument, shown or not. One
    that touches what belongs to a member begins here and does nothing on None. It is asked at each
    event, so that a sign-out or a revoked device ends this page's powers at once, not at a reload.
    """
    session = await state.get_state(Session)
    # A method without the underscore would be an event that any page can send.
    return session._standing()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


class BindSession(Middleware):
    """Wipes a state before anything of it is sent to another connection with its client token.

    The client token is the only key Reflex has to a state, is made with Math.random and travels in
    the socket's URL; a state lives for an hour after its tab was closed. Without this, whoever read
    a log would be handed the state of a member. It also runs at an honest reconnect: the page then
    attaches again with its key, and everything in a state can be loaded anew.
    """

    @override
    async def preprocess(
        self, app: rx.App, state: BaseState, event: rx.event.Event
    ) -> StateUpdate | None:
        """Forget the member unless this event comes over the connection that was attached."""
        # Reflex has no public way to the root, and a var without the underscore goes to the page.
        root = state._get_root_state()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        session = await root.get_state(Session)
        attached = session._attached  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        if attached is not None and attached.connection != root.router.session.session_id:
            root.reset()
        return None


def bind_of(client_token: str) -> str:
    """b64u(SHA-256(client token)): what its ticket is bound to, as the browser computes it."""
    digest = hashlib.sha256(client_token.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
