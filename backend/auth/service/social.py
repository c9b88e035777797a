"""Getting in with an account elsewhere."""

from collections.abc import Mapping
from dataclasses import replace

from backend.auth import contract
from backend.auth.contract import (
    Admission,
    Applicant,
    IssuerMismatchError,
    KindNotOfferedError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SignUpClosedError,
    StateMismatchError,
)
from backend.auth.service import limits
from backend.auth.service.account_rules import network_of
from backend.auth.service.accounts import check_guest_form
from backend.auth.service.beginnings import LIFE, Beginning
from backend.auth.service.core import Feature
from backend.auth.service.elsewhere import AWAY, EXCHANGED
from backend.kit.callers import Visitor
from backend.kit.oauth.client import (
    Exchange,
    Person,
    ProviderAwayError,
    ProviderClient,
    RefusedByProviderError,
)

ACCEPT = "accept"
LINK = "link"
CONFIRM = "confirm"
AMR = "fed"
"""Somebody else vouched for them; RFC 8176 has no name for it."""


class Social(Feature):
    """Implements the entrance of `contract.Providers`."""

    async def list_providers(
        self,
        caller: Visitor,  # noqa: ARG002
        request: contract.ListProviders,  # noqa: ARG002
    ) -> contract.ProviderList:
        offered = [client.provider for client in self._core.elsewhere.clients.values()]
        return contract.ProviderList(
            providers=tuple(
                contract.ProviderEntry(
                    name=provider.name,
                    label=provider.label,
                    can_sign_in=provider.sign_in,
                    can_sign_up=provider.sign_up,
                )
                for provider in offered
                if provider.sign_in or provider.sign_up
            )
        )

    async def complete(self, caller: Applicant, request: contract.Complete) -> Admission:
        beginning = await self._core.get_beginning(caller, "oauth", "link", "confirm", step=AWAY)
        client = self._core.elsewhere.client_of(beginning)
        exchange = await self._get_answered(beginning, client, request)
        await self._core.elsewhere.prepared(client)
        async with self._parts.database.transaction() as session:
            await self._core.elsewhere.claim_exchange(session, beginning.id)
        beginning = replace(beginning, step=EXCHANGED)
        if beginning.kind == "confirm":
            return await self._vouch(caller, beginning, client, exchange, request)
        person = await _identify(client, exchange, request)
        if beginning.kind == "link":
            return await self._offer_link(caller, beginning, person)
        return await self._recognise_person(caller, beginning, client, person)

    async def accept(self, caller: Applicant, request: contract.Accept) -> Admission:
        await self._parts.limits.spend(limits.REGISTER, network_of(caller.network))
        beginning = await self._core.get_beginning(caller, "oauth", step=ACCEPT)
        async with self._parts.database.reading() as session:
            found = await self._core.elsewhere.get_found(session, beginning.id, request.link_token)
        await self._core.check_age(caller, beginning, request.age_answer)
        form = check_guest_form(request)
        async with self._parts.database.transaction() as session:
            user = await self._core.accounts.make(session, form, None)
            await self._core.elsewhere.attach(session, user.id, found)
            admitted = await self._core.admit(session, beginning, user, AMR)
        return await self._core.admission(caller, admitted)

    async def _get_answered(
        self, beginning: Beginning, client: ProviderClient, request: contract.Complete
    ) -> Exchange:
        """What was asked, if this is an answer to it. Nothing is used up by one that is not."""
        async with self._parts.database.reading() as session:
            exchange = await self._core.elsewhere.get_exchange(session, beginning.id)
        if not exchange.is_answer(request.state):
            raise StateMismatchError
        is_missing = request.iss is None and client.provider.sends_iss
        if is_missing or request.iss not in (None, client.provider.issuer):
            raise IssuerMismatchError
        return exchange

    async def _recognise_person(
        self, caller: Applicant, beginning: Beginning, client: ProviderClient, person: Person
    ) -> Admission:
        async with self._parts.database.transaction() as session:
            user = await self._core.elsewhere.find_user(session, person)
            if user is None:
                admitted = None
            else:
                _check_may_enter(client)
                admitted = await self._core.admit(session, beginning, user, AMR)
        if admitted is None:
            return await self._ask_first(caller, beginning, client, person)
        return await self._core.admission(caller, admitted)

    async def _ask_first(
        self, caller: Applicant, beginning: Beginning, client: ProviderClient, person: Person
    ) -> Admission:
        """Make nothing yet.

        Who has an account here may have taken the wrong door; who has none may not want one.
        """
        if not client.provider.sign_up:
            raise SignUpClosedError(
                f"We know nobody here by that {client.provider.label} account. If you have an"
                " account, sign in and link it in your settings."
            )
        async with self._parts.database.transaction() as session:
            token = await self._core.elsewhere.keep(session, beginning.id, ACCEPT, person)
            suggested = await self._core.elsewhere.suggest_username(session, person.name)
        asked = {"unregistered": True, "link_token": token, "suggested_username": suggested}
        return self._sealed(caller, beginning, asked)

    async def _offer_link(
        self, caller: Applicant, beginning: Beginning, person: Person
    ) -> Admission:
        async with self._parts.database.transaction() as session:
            token = await self._core.elsewhere.keep(session, beginning.id, LINK, person)
        return self._sealed(caller, beginning, {"link_token": token, "username_hint": person.name})

    async def _vouch(
        self,
        caller: Applicant,
        beginning: Beginning,
        client: ProviderClient,
        exchange: Exchange,
        request: contract.Complete,
    ) -> Admission:
        """Keep who came back for the session that sent them, if it is whose account it is.

        A provider that can say when they signed in there has to say that it was since then.
        """
        left_at = (beginning.expires_at - LIFE).timestamp()
        since = left_at if client.provider.confirms == "auth_time" else None
        try:
            person = await _identify(client, exchange, request, since)
            async with self._parts.database.transaction() as session:
                owner = await self._core.elsewhere.find_user(session, person)
                if owner is None or owner.id != beginning.user_id:
                    raise _is_another(client)
                token = await self._core.elsewhere.keep(session, beginning.id, CONFIRM, person)
        except ProviderRefusedError as refused:
            await self._tell_refusal(beginning, f"{client.provider.label}: {refused.reason}")
            raise
        return self._sealed(caller, beginning, {"confirm_token": token})

    async def _tell_refusal(self, beginning: Beginning, detail: str) -> None:
        async with self._parts.database.transaction() as session:
            await self._core.log.add(
                session,
                beginning.user_id or "",
                "step_up_refused",
                device_name=beginning.device_name,
                detail=detail,
            )

    def _sealed(
        self, caller: Applicant, beginning: Beginning, payload: Mapping[str, object]
    ) -> Admission:
        sealed = self._core.issuing.seal_for(beginning.keys, caller.jti, payload)
        return Admission(sealed=sealed)


def _check_may_enter(client: ProviderClient) -> None:
    if not client.provider.sign_in:
        raise KindNotOfferedError(f"Nobody signs in with {client.provider.label} here.")


async def _identify(
    client: ProviderClient,
    exchange: Exchange,
    request: contract.Complete,
    since: float | None = None,
) -> Person:
    label = client.provider.label
    if request.code is None or request.error is not None:
        # What it says is theirs, and is not repeated to anyone.
        raise ProviderRefusedError(
            f"{label} says no, or you did. No harm done: try again, or take another way in.",
            reason="denied" if request.error == "access_denied" else "no_code",
        )
    try:
        return await client.identify(exchange, request.code, since=since)
    except RefusedByProviderError as error:
        if error.reason == "not_fresh":
            raise _is_stale(client) from error
        raise ProviderRefusedError(
            f"{label} told us something that does not add up, so we stopped. Please start over.",
            reason=error.reason,
        ) from error
    except ProviderAwayError as error:
        raise ProviderUnavailableError from error


def _is_stale(client: ProviderClient) -> ProviderRefusedError:
    label = client.provider.label
    return ProviderRefusedError(
        f"{label} did not say that it asked you just now who you are, so it could be anybody at"
        " your keyboard. Sign out here and come in again, or ask who runs this house.",
        reason="not_fresh",
    )


def _is_another(client: ProviderClient) -> ProviderRefusedError:
    return ProviderRefusedError(
        f"That {client.provider.label} account does not open this account. Which one was it?",
        reason="another_account",
    )
