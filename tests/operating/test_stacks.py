"""The stacks of containers, with network, data and front: really made, in MiniStack.

Its control plane makes them; there is nothing here that would run their containers.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from backend.kit.settings import SERVICES
from tests.shapes.aws.account import Account, AccountError
from tests.shapes.aws.cloud import ACCOUNT, KEY_ARN, NETWORK, Cloud, template

CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"
DATA = {"KeyId": KEY_ARN, "PublicOrigin": "https://chat.example.org"}
IMAGE = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/sosa@sha256:{'0' * 64}"
ORIGIN = {"Image": IMAGE, "PublicOrigin": "https://chat.example.org"}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account in which a house as containers is installed, as docs/operating.md says."""
    cloud = Cloud(tmp_path_factory.mktemp("cloud"))
    try:
        cloud.start()
        install(cloud.account)
        yield cloud.account
    finally:
        cloud.stop()


def install(account: Account) -> None:
    account.put_secret("sosa/redis-password", "a-password-of-sixteen-or-more")
    network = account.make_stack("sosa-network", template("deploy/aws/network.json"), NETWORK)
    account.make_stack("sosa-data", template("deploy/aws/data.json"), DATA)
    for name in SERVICES:
        account.begin_stack(f"sosa-{name}", template(f"backend/{name}/deploy/aws/ecs.json"), ORIGIN)
    account.begin_stack("sosa-ui", template("deploy/aws/ui.json"), ORIGIN)
    for name in (*SERVICES, "ui"):
        account.outputs(f"sosa-{name}")
    balancer = network["LoadBalancer"]
    domains = {"UiDomain": balancer, "ServicesDomain": balancer, "LiveDomain": balancer}
    front = {"Domain": "chat.example.org", "CertificateArn": CERTIFICATE, **domains}
    account.make_stack("sosa-front", template("deploy/aws/front.json"), front)


STACKS = {
    "network": "deploy/aws/network.json",
    "data": "deploy/aws/data.json",
    "ui": "deploy/aws/ui.json",
    "front": "deploy/aws/front.json",
    **{name: f"backend/{name}/deploy/aws/ecs.json" for name in SERVICES},
}


@pytest.mark.parametrize("stack", STACKS)
def test_everything_in_a_template_is_made(account: Account, stack: str):
    wanted = {
        name: item["Type"]
        for name, item in json.loads(template(STACKS[stack]))["Resources"].items()
        # MiniStack knows neither: what goes out is the one part that nobody has tried.
        if item.get("Condition") != "HasNat"
    }
    made = account.resources(f"sosa-{stack}")
    assert {name: kind for name, (kind, _) in made.items()} == wanted
    assert all(identity for _, identity in made.values())


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_several_tasks_that_take_their_secrets_by_name(account: Account, name: str):
    (service,) = ecs(
        account, "DescribeServices", {"cluster": "sosa", "services": [f"sosa-{name}"]}
    )["services"]
    assert (service["status"], service["desiredCount"]) == ("ACTIVE", 2)
    task = ecs(account, "DescribeTaskDefinition", {"taskDefinition": service["taskDefinition"]})
    (container,) = task["taskDefinition"]["containerDefinitions"]
    # MiniStack keeps the template's capitals in here; ECS does not.
    kept = [{key.lower(): value for key, value in item.items()} for item in container["secrets"]]
    secrets = {item["name"]: item["valuefrom"] for item in kept}
    prefix = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:sosa/"
    own = {"SOSA_MAIL_URL": "auth/mail-url", "SOSA_PROVIDERS": "auth/providers"}
    wanted = {
        "SOSA_KEYS": f"{name}/keys",
        f"SOSA_{name.upper()}_DATABASE_URL": f"{name}/database-url",
        "SOSA_REDIS_URL": "redis-url",
        **(own if name == "auth" else {}),
    }
    assert secrets == {variable: prefix + secret for variable, secret in wanted.items()}
    plain = {value for item in container["environment"] for value in item.values()}
    assert "SOSA_PUBLIC_ORIGIN" in plain
    assert not plain & set(secrets)
    assert container["readonlyRootFilesystem"]


def test_a_service_without_a_network_is_not_made(account: Account):
    parameters = {**ORIGIN, "House": "elsewhere"}
    with pytest.raises(AccountError, match="elsewhere"):
        account.make_stack("elsewhere", template("backend/auth/deploy/aws/ecs.json"), parameters)


def test_who_is_not_known_may_nothing(account: Account):
    # By the name of the key alone: MiniStack does not look at signatures, our strict AWS does.
    stranger = replace(account, key="AKIAUNKNOWNTOANYBODY")
    with pytest.raises(AccountError, match="403"):
        stranger.resources("sosa-network")


def ecs(account: Account, action: str, value: object) -> Any:
    return account.ask_json("ecs", f"AmazonEC2ContainerServiceV20141113.{action}", value)
