"""What the templates of containers promise: small in rights, closed, and one origin before all."""

import json
from typing import Any

import pytest

from backend.kit.http.policy import security_headers
from backend.kit.settings import SERVICES
from backend.messaging.live.gateway import PATH as LIVE
from deploy.aws.asking import asked_by
from deploy.aws.language import MEDIA_ORIGIN
from deploy.aws.network import CLOSED
from deploy.aws.templates import templates

STACKS = {name: f"backend/{name}/deploy/aws/ecs.json" for name in SERVICES} | {
    "ui": "deploy/aws/ui.json"
}


def resources(path: str) -> dict[str, Any]:
    return {
        name: item["Properties"]
        for name, item in json.loads(templates()[path])["Resources"].items()
    }


def container(name: str) -> dict[str, Any]:
    (found,) = resources(STACKS[name])["Task"]["ContainerDefinitions"]
    return found


def statements(name: str, role: str) -> list[dict[str, Any]]:
    policies = resources(STACKS[name])[role]["Policies"]
    return [item for policy in policies for item in policy["PolicyDocument"]["Statement"]]


@pytest.mark.parametrize("name", STACKS)
def test_secrets_are_named_and_only_ones_own(name: str):
    secrets = {item["Name"]: item["ValueFrom"]["Fn::Sub"] for item in container(name)["Secrets"]}
    for kept in secrets.values():
        text = kept.partition(":secret:${House}/")[2]
        assert text == "redis-url" or text.startswith(f"{name}/")
    assert "SOSA_KEYS" in secrets
    readable = {
        item["Fn::Sub"].partition("${House}/")[2].removesuffix("-??????")
        for statement in statements(name, "ExecutionRole")
        if statement["Action"] == ["secretsmanager:GetSecretValue"]
        for item in statement["Resource"]
    }
    assert readable == {kept.partition("${House}/")[2] for kept in secrets.values()}


MAY = {
    "ui": {"lambda:InvokeFunction"},
    "messaging": {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"},
}


@pytest.mark.parametrize("name", STACKS)
def test_a_role_may_do_what_it_must_and_no_more(name: str):
    for role in ("ExecutionRole", "TaskRole"):
        for statement in statements(name, role):
            assert not [action for action in statement["Action"] if "*" in action]
            if statement["Action"] != ["ecr:GetAuthorizationToken"]:
                assert all("${House}" in item["Fn::Sub"] for item in statement["Resource"])
    may = {action for statement in statements(name, "TaskRole") for action in statement["Action"]}
    assert may == MAY.get(name, set())


@pytest.mark.parametrize("name", STACKS)
def test_a_container_is_nobody_and_writes_nowhere_but_in_its_data(name: str):
    made = container(name)
    assert made["ReadonlyRootFilesystem"]
    assert made["User"].split(":")[0] != "0"
    assert [item["ContainerPath"] for item in made["MountPoints"]] == ["/data"]
    network = resources(STACKS[name])["Service"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert network["AssignPublicIp"] == "DISABLED"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_knows_the_way_to_whom_it_asks(service: str):
    told = {item["Name"] for item in container(service)["Environment"]}
    peers = {name for name in SERVICES if f"SOSA_{name.upper()}_URL" in told}
    assert peers == set(asked_by(service))
    assert container(service)["Command"][-2:] == ["deploy.services", service]


def test_nothing_internal_is_public():
    network = resources("deploy/aws/network.json")
    closed = network["Closed"]
    assert "/internal/*" in closed["Conditions"][0]["PathPatternConfig"]["Values"]
    assert closed["Actions"][0]["FixedResponseConfig"]["StatusCode"] == "404"
    rules = [resources(path)["Rule"] for path in STACKS.values()]
    assert all(closed["Priority"] < rule["Priority"] for rule in rules), "it is looked at first"
    assert len({rule["Priority"] for rule in rules}) == len(rules)
    front = resources("deploy/aws/front.json")["Distribution"]["DistributionConfig"]
    paths = [item["PathPattern"] for item in front["CacheBehaviors"]]
    assert paths[0] == LIVE, "before its service, whose pattern it matches too"
    assert not [path for path in paths if path in CLOSED or path.startswith("/internal")]
    assert {f"/{service}/v1/*" for service in SERVICES} <= set(paths)


def test_data_is_reached_from_the_house_alone():
    network = resources("deploy/aws/network.json")
    for way in network["DataGroup"]["SecurityGroupIngress"]:
        assert way["SourceSecurityGroupId"] == {"Ref": "HouseGroup"}
    assert [way["FromPort"] for way in network["DataGroup"]["SecurityGroupIngress"]] == [5432, 6379]
    (way,) = network["EdgeGroup"]["SecurityGroupIngress"]
    assert (way["FromPort"], "CidrIp" in way) == (443, False)


def test_files_carry_the_headers_that_the_services_send():
    policy = resources("deploy/aws/front.json")["Headers"]["ResponseHeadersPolicyConfig"]
    wanted = dict(security_headers("https://${Domain}", MEDIA_ORIGIN))
    security = policy["SecurityHeadersConfig"]
    assert security["ContentSecurityPolicy"]["ContentSecurityPolicy"] == {
        "Fn::Sub": wanted["Content-Security-Policy"]
    }
    tls = security["StrictTransportSecurity"]
    told = f"max-age={tls['AccessControlMaxAgeSec']}; includeSubDomains"
    assert (told, tls["IncludeSubdomains"]) == (wanted["Strict-Transport-Security"], True)
    assert "wss://${Domain}" in wanted["Content-Security-Policy"]
    others = {item["Header"]: item["Value"] for item in policy["CustomHeadersConfig"]["Items"]}
    assert others == {
        name: wanted[name] for name in ("Cross-Origin-Opener-Policy", "Permissions-Policy")
    }
