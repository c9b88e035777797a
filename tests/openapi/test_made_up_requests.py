"""Requests made up from the descriptions of the services, good ones and bad ones, signed as is due.

Whatever comes, the answer is one that the description knows, and bad requests are refused.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import Case, Config, Response
from schemathesis.core.parameters import ParameterLocation

from backend.auth.api import bodies
from backend.auth.contract import Bot
from backend.kit.http.openapi import openapi
from backend.kit.op import Operation, operations
from backend.wiring import CONTRACTS
from tests.conftest import Postgres
from tests.device import Device
from tests.openapi.cast import KINDS, Cast
from tests.openapi.signing import Proven
from tests.openapi.stage import on_stage
from tests.watch.places import WATCH

# Hypothesis sees the global random numbers change while it draws: the house draws too, beside it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Do not use the .random. module:hypothesis.errors.HypothesisDeprecationWarning"
)
EXAMPLES = 6
ORIGIN = "http://sosa.test"
CONFIG: dict[str, Any] = {
    "generation": {
        "deterministic": True,
        "max-examples": EXAMPLES,
        "database": "none",
        # Tokens and proofs are ours to make.
        "with-security-parameters": False,
    },
    "checks": {
        "enabled": False,
        "not_a_server_error": {"enabled": True},
        "status_code_conformance": {"enabled": True},
        "content_type_conformance": {"enabled": True},
        "response_schema_conformance": {"enabled": True},
        "negative_data_rejection": {"enabled": True, "expected-statuses": ["4xx"]},
    },
    "phases": {"coverage": {"unexpected-methods": ["PUT", "TRACE"]}},
}
GUARDED = {
    "bad_service", "invalid_proof", "proof_required", "replayed_proof", "stale_proof",
    "token_required", "use_nonce",
}  # fmt: skip
"""What somebody is told whose credentials are not in order."""
ENDED = {"device_revoked", "invalid_grant", "invalid_token", "reuse_detected"}
"""What somebody is told whose session is over."""


def described(service: str, *, is_internal: bool = False) -> Any:
    offered: Any = bodies(None, None) if service == "auth" else None  # pyright: ignore[reportArgumentType]
    document = openapi(service, CONTRACTS[service], ORIGIN, offered, is_internal=is_internal)
    chosen = Config.from_dict(CONFIG)  # pyright: ignore[reportUnknownMemberType]
    return schemathesis.openapi.from_dict(document, config=chosen)


OPERATIONS = {
    (service, item.name): item
    for service, contract in CONTRACTS.items()
    for item in operations(contract)
}


MEANT = {"preauth_id", "bot_id", "user_id", "message_id", "room_id"}
"""What a path names, and chance would hardly ever hit."""
ANSWERED: dict[tuple[str, str], set[int]] = defaultdict(set)
"""With what each operation was answered."""
NEEDS_MORE = {
    "accept", "add_export_part", "add_passkey", "check_pin", "claim_house", "complete",
    "confirm_by_provider", "confirm_email", "confirm_totp", "delegate", "describe_file",
    "download_export", "finish_upload", "grant_role", "leave_to_confirm", "link", "list_messages",
    "make_recovery_codes", "redeem_ticket", "remove_passkey", "rename_passkey", "set_new_password",
    "show_factor", "sign_in_with_passkey", "start_link", "step_up", "suspend_member", "undelete",
    "unlink", "verify",
}  # fmt: skip
"""Operations that want more than one request: a phone, a mail, a provider, what was begun before.
They are refused for what they are asked, never for who asks, and have tests of their own. A role
can be given, but to a member that other requests have not kept out meanwhile; and a page of history
is asked for by one place at most, where what is made up names several."""


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Cast]:
    # PostgreSQL takes less than SQLite does: no zero in a text, no number of any size.
    url = postgres.create()
    with on_stage(tmp_path_factory.mktemp("stage"), url) as stage:
        yield Cast(stage)
    WATCH.postgres(url)


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


made_up: Any = schemathesis.pytest
"""Types of its own that it does not know all of."""


@made_up.parametrize(
    **{service: described(service) for service in CONTRACTS},
    auth_inside=described("auth", is_internal=True),
    community_inside=described("community", is_internal=True),
)
def test_what_is_made_up(case: Case[Any], cast: Cast, http: requests.Session):
    service = case.operation.path.removeprefix("/internal").split("/")[1]
    operation = OPERATIONS[service, case.operation.definition.raw["operationId"]]
    response = ask(case, cast, http, service, operation)
    ANSWERED[service, operation.name].add(response.status_code)
    assert not (response.status_code == 401 and code_of(response) in GUARDED), code_of(response)
    case.validate_response(response)  # pyright: ignore[reportUnknownMemberType]
    if response.status_code >= 400:
        check_refusal(case, response)


def ask(
    case: Case[Any], cast: Cast, http: requests.Session, service: str, operation: Operation
) -> Response:
    """The answer to a case that somebody signed who may ask. Once more if their session is over."""
    response = None
    for _ in range(2):
        signer, device = cast.ask(service, operation)
        reach(case, cast, operation, device)
        response = case.call(base_url=cast.stage.house.url, session=http, auth=signer)
        is_over = code_of(response) in ENDED or operation.caller_types == (Bot,)
        if response.status_code != 401 or not is_over:
            break
        cast.replace()
    assert response is not None
    return response


def reach(case: Case[Any], cast: Cast, operation: Operation, device: Device | None) -> None:
    """Have every other good case be about what is there. A proof is under a beginning that is."""
    places = {ParameterLocation.PATH: case.path_parameters, ParameterLocation.BODY: case.body}
    for place, given in places.items():
        if not isinstance(given, dict) or (case.meta and case.meta.is_negative_at(place)):
            continue
        for name, value in given.items():
            is_due = place is ParameterLocation.PATH and name in MEANT
            if is_due or (isinstance(value, str) and len(value) % 2 == 0):
                fresh = operation.name == "register" and name == "username"
                given[name] = cast.find("name" if fresh else name, device) or value


def code_of(response: Response) -> str:
    try:
        return str(response.json()["errors"][0]["code"])
    except (ValueError, KeyError):
        return ""


def check_refusal(case: Case[Any], response: Response) -> None:
    """A refusal says what is wrong in our words and in no way repeats what was sent."""
    told = response.json()
    assert told.keys() == {"status", "errors"}
    assert told["status"] == "failure"
    (error,) = told["errors"]
    assert error.keys() <= {"code", "message", "field", "data"}
    assert all(isinstance(error[name], str) for name in error.keys() - {"data"})
    assert error["code"]
    assert error["message"]
    headers = {name: values[0] for name, values in response.headers.items()}
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store" or response.status_code in {404, 405}
    assert ("www-authenticate" in headers) == (response.status_code == 401)
    assert ("retry-after" in headers) == (response.status_code == 429)
    assert len(headers["x-request-id"]) == 36
    body = case.body if isinstance(case.body, dict) else {}
    sent = [value for value in body.values() if isinstance(value, str) and len(value) > 8]
    assert not [value for value in sent if value in response.text and value not in KINDS.values()]


@pytest.mark.parametrize("service", CONTRACTS)
def test_what_is_served_is_what_was_asked(service: str, cast: Cast, http: requests.Session):
    served = http.get(f"{cast.stage.house.url}/{service}/v1/openapi.json").json()
    assert served.pop("servers") == [{"url": cast.stage.house.url}]
    asked = json.loads(json.dumps(described(service).raw_schema))
    asked.pop("servers")
    assert served == asked


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, ""),
        ({"bh": "x" * 43}, "invalid_proof"),
        ({"htm": "PUT"}, "invalid_proof"),
        ({"jti": "x" * 20}, "replayed_proof"),
        ({"iat": 1}, "stale_proof"),
    ],
)
def test_the_signature_counts(
    cast: Cast, http: requests.Session, changed: dict[str, Any], code: str
):
    asked: dict[str, Any] = {
        "json": {"aud": "messaging"},
        "auth": Proven(cast.owner, "auth", changed=changed),
    }
    answers = [http.post(f"{cast.stage.house.url}/auth/v1/tickets", **asked) for _ in range(2)]
    told = answers[-1].json()
    assert (told["errors"][0]["code"] if "errors" in told else "") == code


def test_every_operation_was_asked_and_all_but_these_said_yes():
    assert {name for _, name in ANSWERED} == {item.name for item in OPERATIONS.values()}
    never = {name for (_, name), statuses in ANSWERED.items() if min(statuses) >= 300}
    assert sorted(never - NEEDS_MORE) == []
