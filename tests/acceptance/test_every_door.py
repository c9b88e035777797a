"""Every operation of every service, tried without what it asks for. In every shape."""

from collections.abc import Iterator

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
from backend.kit.op import Operation, operations
from backend.wiring.doors import CONTRACTS
from tests.device import Device, Reply
from tests.members import Arrive

IN_PERSON = {Member, Recipient, Confirmed}
BY_PROOF = {Applicant, Bot, Holder, Keyholder, Leaver}


def doors(*kinds: type) -> Iterator[tuple[str, Operation]]:
    """The operations that take one of these callers, and whose they are."""
    found = [
        (service, operation)
        for service, contract in CONTRACTS.items()
        for operation in operations(contract)
        if set(kinds) & set(operation.caller_types)
    ]
    assert found, "there is nothing to walk along"
    return iter(found)


def path_of(operation: Operation) -> str:
    path = operation.path
    for name in operation.path_fields:
        path = path.replace(f"{{{name}}}", "unknown")
    return path


async def knock(device: Device, operation: Operation, headers: dict[str, str]) -> Reply:
    body = b"{}" if operation.has_body else b""
    return await device.send(operation.method, path_of(operation), body, headers)


def proven(device: Device, service: str, operation: Operation, *, key: str = "") -> dict[str, str]:
    """What the operation asks for; `key` is the audience whose token and key are used instead."""
    audience = key or service
    token = device.access[audience]
    body = b"{}" if operation.has_body else b""
    proof = device.proof(audience, operation.method, path_of(operation), body=body, presented=token)
    return {"Authorization": f"SoSa {token}", "Sosa-Proof": proof}


def test_nobody_is_let_in_by_a_guard_this_suite_does_not_know():
    known = IN_PERSON | BY_PROOF | {Visitor, Service}
    for contract in CONTRACTS.values():
        for operation in operations(contract):
            assert set(operation.caller_types) <= known, operation.name


async def test_strangers_are_asked_who_they_are(arrive: Arrive):
    stranger = (await arrive("ada")).device
    for _, operation in doors(*IN_PERSON, *BY_PROOF):
        if Visitor in operation.caller_types:
            continue
        reply = await knock(stranger, operation, {})
        wanted = {"token_required", "proof_required"}
        assert (reply.status, reply.code in wanted) == (401, True), operation.name


async def test_what_is_between_services_is_closed_to_members(arrive: Arrive):
    ada = (await arrive("ada")).device
    for service, operation in doors(Service):
        if operation.caller_types != (Service,):
            continue
        assert operation.path.startswith(f"/internal/{service}/"), operation.name
        # An edge does not even pass it on; where there is none, no member's token opens it.
        for headers in ({}, proven(ada, service, operation)):
            reply = await knock(ada, operation, headers)
            assert reply.status in {401, 403, 404}, operation.name
            assert b"success" not in reply.body


async def test_a_token_alone_opens_nothing(arrive: Arrive):
    ada = (await arrive("ada")).device
    for service, operation in doors(*IN_PERSON):
        token = ada.access[service]
        bare = await knock(ada, operation, {"Authorization": f"SoSa {token}"})
        assert (bare.status, bare.code) == (401, "proof_required"), operation.name
        whole = proven(ada, service, operation)
        bearer = await knock(ada, operation, {**whole, "Authorization": f"Bearer {token}"})
        assert (bearer.status, bearer.code) == (401, "token_required"), operation.name


async def test_the_key_of_one_service_opens_no_other(arrive: Arrive):
    ada = (await arrive("ada")).device
    for service, operation in doors(*IN_PERSON):
        for other in sorted(set(CONTRACTS) - {service}):
            reply = await knock(ada, operation, proven(ada, service, operation, key=other))
            assert (reply.status, reply.code) == (401, "invalid_token"), operation.name


async def test_another_members_key_opens_nothing(arrive: Arrive):
    ada, ben = (await arrive("ada")).device, (await arrive("ben")).device
    for service, operation in doors(*IN_PERSON):
        stolen = {
            **proven(ben, service, operation),
            "Authorization": f"SoSa {ada.access[service]}",
        }
        reply = await knock(ben, operation, stolen)
        assert (reply.status, reply.code) == (401, "invalid_proof"), operation.name


async def test_pages_of_other_sites_are_turned_away(arrive: Arrive):
    ada = (await arrive("ada")).device
    for service, operation in doors(Visitor, *IN_PERSON, *BY_PROOF):
        if operation.method == "GET":
            continue
        own = proven(ada, service, operation)
        for origin in ("https://evil.example", "null"):
            reply = await knock(ada, operation, {**own, "Origin": origin})
            assert (reply.status, reply.code) == (403, "cross_origin"), operation.name


async def test_each_door_opens_for_its_own_key_once(arrive: Arrive):
    """The could, beside all the may nots; and a proof that was seen is no proof any more."""
    ada = (await arrive("ada")).device
    for service, operation in doors(*IN_PERSON):
        if operation.name in ENDS_THE_SESSION:
            continue
        ada.nonce = (await ada.call("auth", "GET", "/auth/v1/session")).headers["Sosa-Nonce"]
        headers = proven(ada, service, operation)
        first = await knock(ada, operation, headers)
        assert first.status not in {401, 500}, operation.name
        again = await knock(ada, operation, headers)
        assert (again.status, again.code) == (401, "replayed_proof"), operation.name


ENDS_THE_SESSION = frozenset({"sign_out_everywhere", "delete_account"})
"""Operations that leave nobody signed in to walk on; each has tests of its own."""
