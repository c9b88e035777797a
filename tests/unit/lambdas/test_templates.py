"""What the templates promise: complete, closed towards the inside, and small in rights."""

import json
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from backend.kit.lambdas.manifest import Manifest
from backend.kit.settings import SERVICES
from deploy import ROOT
from deploy.aws.templates import templates

SUPPORTED = {"python3.12", "python3.13", "python3.14"}

Resources = dict[str, dict[str, Any]]


def resources(service: str, *, is_split: bool = False) -> Resources:
    text = templates(is_split=is_split)[f"backend/{service}/deploy/aws/lambda.json"]
    return json.loads(text)["Resources"]


def of_type(found: Resources, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, r["Properties"]) for name, r in found.items() if r["Type"] == kind)


def manifest(service: str) -> Manifest:
    return import_module(f"backend.{service}.main").MANIFEST


def test_what_is_committed_is_what_is_generated():
    for path, text in templates().items():
        assert (ROOT / path).read_text() == text, "run: python -m deploy.aws"


@pytest.mark.parametrize("is_split", [False, True])
def test_every_public_operation_is_routed_exactly_once_and_no_other(is_split: bool):
    routed: Counter[str] = Counter()
    for service in SERVICES:
        routes = of_type(resources(service, is_split=is_split), "AWS::ApiGatewayV2::Route")
        routed.update(route["RouteKey"] for _, route in routes)
    public = {
        f"{item.method} {item.path}" for service in SERVICES for item in manifest(service).public
    }
    others = {f"ANY /{service}/{{proxy+}}" for service in SERVICES}
    sockets = {"$connect", "$default", "$disconnect"}
    assert set(routed) == public | others | sockets
    assert set(routed.values()) == {1}


@pytest.mark.parametrize("is_split", [False, True])
@pytest.mark.parametrize("service", SERVICES)
def test_a_route_leads_to_a_function_that_answers_it(service: str, is_split: bool):
    found = resources(service, is_split=is_split)
    public = manifest(service).public
    names = {f"{item.method} {item.path}": item.name for item in public}
    checked = 0
    for _, route in of_type(found, "AWS::ApiGatewayV2::Route"):
        if route["RouteKey"] in names:
            properties = found[_function_of(found, route)]["Properties"]
            chosen = properties["Environment"]["Variables"]["SOSA_OPERATIONS"].split(",")
            assert names[route["RouteKey"]] in chosen
            checked += 1
    assert checked == len(public)


def _function_of(found: Resources, route: dict[str, Any]) -> str:
    integration = route["Target"]["Fn::Sub"].split("${")[1].rstrip("}")
    uri: str = found[integration]["Properties"]["IntegrationUri"]["Fn::Sub"]
    return uri.split("functions/${")[1].partition(".")[0]


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_internal_is_public(service: str):
    found = resources(service)
    integrated = {_function_of(found, r) for _, r in of_type(found, "AWS::ApiGatewayV2::Route")}
    assert integrated
    assert "InternalFunction" in found
    assert "InternalFunction" not in integrated
    keys = [route["RouteKey"] for _, route in of_type(found, "AWS::ApiGatewayV2::Route")]
    assert not [key for key in keys if "/internal" in key or key.startswith("ANY /{")]
    assert not list(of_type(found, "AWS::Lambda::Url"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_integration_has_its_permission_from_its_own_api(service: str):
    found = resources(service)
    permitted = {
        (item["FunctionName"]["Ref"], item["SourceArn"]["Fn::Sub"].split("${")[-1].split("}")[0])
        for _, item in of_type(found, "AWS::Lambda::Permission")
        if item["Principal"] == "apigateway.amazonaws.com"
    }
    wanted = {
        (
            item["IntegrationUri"]["Fn::Sub"].split("functions/${")[1].partition(".")[0],
            item["ApiId"]["Ref"],
        )
        for _, item in of_type(found, "AWS::ApiGatewayV2::Integration")
    }
    assert wanted
    assert permitted == wanted


@pytest.mark.parametrize("service", SERVICES)
def test_secrets_are_named_and_never_written(service: str):
    text = (ROOT / f"backend/{service}/deploy/aws/lambda.json").read_text()
    variables = json.loads(text)["Globals"]["Function"]["Environment"]["Variables"]
    secret = [name for name in variables if name.endswith(("_KEYS", "DATABASE_URL", "REDIS_URL"))]
    assert len(secret) == 3
    for name in secret:
        assert variables[name]["Fn::Sub"].startswith("{{resolve:secretsmanager:${House}/")
    others = {f"SOSA_{other.upper()}_DATABASE_URL" for other in SERVICES if other != service}
    assert not others & set(variables), "a service knows its own database only"


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_may_do_what_it_must_on_what_is_ours_and_no_more(service: str):
    role = resources(service)["Role"]["Properties"]
    (policy,) = role["Policies"]
    for statement in policy["PolicyDocument"]["Statement"]:
        assert not [action for action in statement["Action"] if "*" in action]
        for resource in statement["Resource"]:
            text = resource["Fn::Sub"]
            assert "${House}" in text or text == "${KeyArn}" or "${SocketApi}" in text
            assert not text.endswith(":*") or ":log-group:" in text


def test_only_who_asks_a_service_may_invoke_it():
    asks = {
        service: {
            resource["Fn::Sub"].rpartition("${House}-")[2].removesuffix("-internal")
            for statement in resources(service)["Role"]["Properties"]["Policies"][0][
                "PolicyDocument"
            ]["Statement"]
            if "lambda:InvokeFunction" in statement["Action"]
            for resource in statement["Resource"]
        }
        for service in SERVICES
    }
    assert asks == {
        "auth": {"profiles", "community", "messaging"},
        "profiles": {"auth"},
        "messaging": {"auth", "community"},
        "community": {"auth"},
    }


@pytest.mark.parametrize("service", SERVICES)
def test_calls_are_bounded_in_time_and_number_on_a_runtime_that_is_supported(service: str):
    template = json.loads((ROOT / f"backend/{service}/deploy/aws/lambda.json").read_text())
    made = template["Globals"]["Function"]
    assert made["Timeout"] <= 29
    assert made["ReservedConcurrentExecutions"] == {"Ref": "Concurrency"}
    assert template["Parameters"]["Runtime"]["Default"] in SUPPORTED
    for _, item in of_type(template["Resources"], "AWS::Serverless::Function"):
        assert not {"Timeout", "Runtime", "ReservedConcurrentExecutions"} & set(item)


@pytest.mark.parametrize("service", SERVICES)
def test_every_handler_is_there_and_every_function_has_a_log_that_ends(service: str):
    found = resources(service)
    functions = dict(of_type(found, "AWS::Serverless::Function"))
    for name, item in functions.items():
        module, _, handler = item["Handler"].rpartition(".")
        assert callable(getattr(import_module(module), handler))
        log = found[name.replace("Function", "Log")]["Properties"]
        assert log["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/{item['FunctionName']['Fn::Sub']}"
        assert log["RetentionInDays"] <= 90
