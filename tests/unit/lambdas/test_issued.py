"""Keys of a container: asked for once, and again before they end."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from backend.kit.lambdas.aws import Aws
from backend.kit.lambdas.issued import IssuedSigner, signer_of
from backend.kit.lambdas.sigv4 import Signer
from backend.kit.settings import AwsAccess, SettingError

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Issuer:
    """Plays what AWS runs beside a container, and a service that it asks."""

    def __init__(self) -> None:
        self.asked = 0
        self.heard: list[str] = []
        self.url = ""

    async def keys(self, _request: web.Request) -> web.Response:
        self.asked += 1
        until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return web.json_response(
            {
                "AccessKeyId": f"ASIA{self.asked}",
                "SecretAccessKey": "a-secret",
                "Token": "a-token",
                "Expiration": until,
            }
        )

    async def service(self, request: web.Request) -> web.Response:
        self.heard.append(request.headers["Authorization"].split("=")[1].split("/")[0])
        assert request.headers["X-Amz-Security-Token"] == "a-token"
        return web.Response()


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    made = Issuer()
    app = web.Application()
    app.router.add_get("/keys", made.keys)
    app.router.add_post("/ask", made.service)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def test_keys_are_asked_for_once_and_again_before_they_end(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
):
    access = AwsAccess.from_environment(
        {"AWS_REGION": "eu-west-1", "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{issuer.url}/keys"}
    )
    signer = signer_of(access, "lambda")
    assert isinstance(signer, IssuedSigner)
    aws = Aws(signer, issuer.url)
    for _ in range(3):
        assert (await aws.ask("POST", "/ask"))[0] == 200
    assert issuer.heard == ["ASIA1", "ASIA1", "ASIA1"]
    monkeypatch.setattr("backend.kit.lambdas.issued.EARLY", timedelta(minutes=61))
    await aws.ask("POST", "/ask")
    assert issuer.heard[-1] == "ASIA2"
    aws.close()


async def test_without_keys_it_is_as_if_the_line_were_down(issuer: Issuer):
    access = AwsAccess("", "", "", "eu-west-1", "", issuer=f"{issuer.url}/nothing")
    aws = Aws(IssuedSigner(access, "lambda"), issuer.url)
    with pytest.raises(OSError, match="ConnectionError"):
        await aws.ask("POST", "/ask")
    aws.close()
    assert issuer.heard == []


def test_where_keys_come_from():
    region = {"AWS_REGION": "eu-west-1"}
    given = region | {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}
    assert isinstance(signer_of(AwsAccess.from_environment(given), "lambda"), Signer)
    container = region | {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"}
    assert AwsAccess.from_environment(container).issuer == "http://169.254.170.2/v2/x"
    with pytest.raises(SettingError, match="AWS_ACCESS_KEY_ID"):
        AwsAccess.from_environment(region)
