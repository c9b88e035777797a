"""Every route of auth has its guard: a table, and a walk along all of them."""

import secrets
from typing import Any

import pytest

from backend.auth.contract import (
    Applicant,
    Auth,
    Bot,
    Confirmed,
    Holder,
    Keyholder,
    Leaver,
    Recipient,
)
from backend.auth.replies import RefreshCookie
from backend.kit.callers import Member, Service, Visitor
from backend.kit.op import Operation, operations
from tests.attacks.house import AuthHouse
from tests.device import Device, b64

DOORS: dict[str, type] = {
    "begin": Visitor,
    "get_jwks": Visitor,
    "register": Applicant,
    "sign_in": Applicant,
    "show_factor": Applicant,
    "ask_for_passkey": Applicant,
    "sign_in_with_passkey": Applicant,
    "verify": Applicant,
    "ask_reset": Applicant,
    "check_pin": Applicant,
    "set_new_password": Applicant,
    "change_password": Confirmed,
    "get_email": Member,
    "change_email": Confirmed,
    "confirm_email": Confirmed,
    "remove_email": Confirmed,
    "stop_notices": Confirmed,
    "list_providers": Visitor,
    "complete": Applicant,
    "accept": Applicant,
    "list_linked": Member,
    "start_link": Confirmed,
    "link": Member,
    "unlink": Confirmed,
    "refresh": Holder,
    "sign_in_by_device": Keyholder,
    "sign_out": Leaver,
    "get_session": Member,
    "list_sessions": Member,
    "revoke_session": Confirmed,
    "revoke_other_sessions": Confirmed,
    "sign_out_everywhere": Confirmed,
    "list_devices": Member,
    "rename_device": Member,
    "revoke_device": Confirmed,
    "list_members_with_roles": Member,
    "find_member": Member,
    "grant_role": Confirmed,
    "revoke_role": Confirmed,
    "suspend_member": Confirmed,
    "ban_member": Confirmed,
    "unban_member": Confirmed,
    "get_first_run": Member,
    "claim_house": Confirmed,
    "delete_account": Confirmed,
    "undelete": Applicant,
    "export_data": Confirmed,
    "get_export": Member,
    "download_export": Confirmed,
    "add_export_part": Service,
    "get_security_log": Member,
    "count_unseen": Member,
    "mark_seen": Member,
    "get_locks": Member,
    "begin_totp": Confirmed,
    "confirm_totp": Confirmed,
    "remove_totp": Confirmed,
    "make_recovery_codes": Confirmed,
    "begin_passkey": Confirmed,
    "add_passkey": Confirmed,
    "rename_passkey": Confirmed,
    "remove_passkey": Confirmed,
    "get_step_up_methods": Member,
    "leave_to_confirm": Member,
    "confirm_by_provider": Recipient,
    "ask_for_step_up_passkey": Member,
    "step_up": Recipient,
    "make_bot": Confirmed,
    "list_bots": Member,
    "renew_bot_secret": Confirmed,
    "revoke_bot": Confirmed,
    "get_bot_tokens": Bot,
    "get_ticket": Recipient,
    "redeem_ticket": Service,
    "delegate": Service,
}
REFUSALS = {
    Applicant: "proof_required",
    Bot: "proof_required",
    Confirmed: "token_required",
    Holder: "proof_required",
    Keyholder: "proof_required",
    Leaver: "proof_required",
    Member: "token_required",
    Recipient: "token_required",
    Service: "bad_service",
}
GUARDED = [operation for operation in operations(Auth) if DOORS[operation.name] is not Visitor]


def test_every_operation_is_in_the_table() -> None:
    assert {item.name: item.caller_types for item in operations(Auth)} == {
        name: (kind,) for name, kind in DOORS.items()
    }


def test_bodies_are_small() -> None:
    public = [item for item in operations(Auth) if item.has_body and "/internal/" not in item.path]
    assert {item.max_body_bytes for item in public} == {16_384}


def path_of(operation: Operation, value: str) -> str:
    path = operation.path
    for name in operation.path_fields:
        path = path.replace(f"{{{name}}}", value)
    return path


async def test_nothing_opens_without_its_guard(house: AuthHouse) -> None:
    # One house for all of them: opening one takes longer than walking through it.
    for operation in GUARDED:
        body = b"{}" if operation.has_body else b""
        bare = await house.device().send(operation.method, path_of(operation, "x"), body)
        assert (bare.status, bare.code) == (401, REFUSALS[DOORS[operation.name]]), operation.name
        assert f'error="{bare.code}"' in bare.headers["WWW-Authenticate"]
        assert "Sosa-Nonce" not in bare.headers


async def test_what_opens_another_service_does_not_open_auth(house: AuthHouse, ada: Device) -> None:
    token = ada.access["messaging"]
    for operation in GUARDED:
        path = path_of(operation, ada.session)
        body: Any = {} if operation.has_body else None
        reply = await ada.prove("messaging", operation.method, path, body, token=token)
        assert reply.status in {401, 410}, operation.name
    assert (await ada.call("auth", "GET", "/auth/v1/session")).status == 200


async def test_111_what_is_not_yours_is_not_there(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    for method, path, body in (
        ("DELETE", f"/auth/v1/sessions/{ben.session}", None),
        ("DELETE", f"/auth/v1/devices/{ben.device_id}", None),
        ("PATCH", f"/auth/v1/devices/{ben.device_id}", {"name": "Mine now"}),
        ("DELETE", "/auth/v1/sessions/unknown", None),
        ("DELETE", "/auth/v1/devices/unknown", None),
        ("PATCH", "/auth/v1/devices/unknown", {"name": "x"}),
    ):
        reply = await ada.call("auth", method, path, body)
        assert (reply.status, reply.code) == (404, "not_found")
    assert (await ben.call("auth", "GET", "/auth/v1/session")).status == 200
    kept = (await ben.call("auth", "GET", "/auth/v1/devices")).response["devices"]
    assert [entry["name"] for entry in kept] == ["Test device"]


async def test_what_is_yours_you_may_rename_and_end(house: AuthHouse, ada: Device) -> None:
    path = f"/auth/v1/devices/{ada.device_id}"
    assert (await ada.call("auth", "PATCH", path, {"name": "Kitchen"})).status == 204
    assert (await ada.call("auth", "PATCH", path, {"name": ""})).status == 422
    listed = (await ada.call("auth", "GET", "/auth/v1/devices")).response["devices"]
    assert [(entry["name"], entry["is_current"]) for entry in listed] == [("Kitchen", True)]
    phone = house.device()
    await phone.sign_in("ada")
    gone = f"/auth/v1/sessions/{phone.session}"
    for _ in range(2):
        assert (await ada.call("auth", "DELETE", gone)).status == 204


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_113_a_page_of_another_site_gets_nowhere(
    house: AuthHouse, headers: dict[str, str]
) -> None:
    body = {
        "kind": "login",
        "device_secret": b64(secrets.token_bytes(32)),
        "device_name": "n",
        "device_platform": "p",
    }
    reply = await house.device().send("POST", "/auth/v1/preauth", body, headers)
    assert (reply.status, reply.code) == (403, "cross_origin")
    own = {"Sec-Fetch-Site": "same-origin", "Origin": house.url}
    assert (await house.device().send("POST", "/auth/v1/preauth", body, own)).status == 200


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_113_only_json_is_read(house: AuthHouse, media: str) -> None:
    device = house.device()
    reply = await device.send("POST", "/auth/v1/preauth", b'{"a":1}', {"Content-Type": media})
    assert (reply.status, reply.code) == (415, "unsupported_media_type")


async def test_114_no_other_origin_is_let_in(house: AuthHouse) -> None:
    reply = await house.device().send(
        "GET", "/auth/v1/.well-known/jwks.json", headers={"Origin": "https://evil.example"}
    )
    assert reply.status == 200
    assert not [name for name in reply.headers if name.lower().startswith("access-control")]


async def test_a_body_too_large_is_refused(house: AuthHouse, ada: Device) -> None:
    reply = await ada.call("auth", "POST", "/auth/v1/tickets", {"aud": "x" * 17_000})
    assert (reply.status, reply.code) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iat": 1}, "stale_proof"),
        ({"nonce": "1.x"}, "use_nonce"),
        ({"nonce": None}, "use_nonce"),
        ({"aud": "messaging"}, "invalid_proof"),
    ],
)
async def test_26_29_37_errors_of_proofs_over_http(
    house: AuthHouse, ada: Device, claims: dict[str, Any], code: str
) -> None:
    token = ada.access["auth"]
    path = "/auth/v1/session"
    proof = ada.proof("auth", "GET", path, presented=token, **claims)
    headers = {"Authorization": f"SoSa {token}", "Sosa-Proof": proof}
    reply = await ada.send("GET", path, headers=headers)
    assert (reply.status, reply.code) == (401, code)
    assert ("Sosa-Nonce" in reply.headers) == (code == "use_nonce")
    assert (await ada.call("auth", "GET", path)).status == 200


async def test_the_next_nonce_comes_with_every_proven_answer(house: AuthHouse, ada: Device) -> None:
    for path in ("/auth/v1/session", "/auth/v1/sessions"):
        reply = await ada.call("auth", "GET", path)
        assert reply.headers["Sosa-Nonce"] == ada.nonce
    missing = await ada.call("auth", "DELETE", "/auth/v1/sessions/unknown")
    assert missing.headers["Sosa-Nonce"] == ada.nonce
    house.clock.advance(600)
    await ada.refresh()


def test_123_the_cookie_on_https() -> None:
    cookie = RefreshCookie(is_https=True)
    assert cookie.name == "__Host-sosa_rt"
    assert cookie._set("v", 1) == (
        "__Host-sosa_rt=v; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=1"
    )
