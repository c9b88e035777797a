"""The templates of the lambda shape: one stack for each service, and the HTTP API they share."""

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from backend.functions import REACTIONS
from backend.kit.lambdas.manifest import Manifest
from backend.kit.op import operations
from backend.kit.settings import SERVICES
from deploy.aws.functions import ARN, Function, function_resources
from deploy.aws.sockets import SOCKETS, STAGE, socket_resources

Json = dict[str, Any]

PARAMETERS: Json = {
    "House": {
        "Type": "String",
        "Default": "sosa",
        "AllowedPattern": "[a-z][a-z0-9-]{1,20}",
        "Description": "What names of functions and secrets begin with",
    },
    "Runtime": {"Type": "String", "Default": "python3.13"},
    "HttpApiId": {"Type": "String", "Description": "Output of deploy/aws/api.json"},
    "PublicOrigin": {"Type": "String", "Description": "https://chat.example.org"},
    "TrustedProxies": {
        "Type": "Number",
        "Default": 0,
        "Description": "Proxies of ours that add to X-Forwarded-For, API Gateway included; or 0",
    },
    "RateLimitScale": {"Type": "Number", "Default": 1},
    "Concurrency": {"Type": "Number", "Default": 20, "MinValue": 1},
    "CodeBucket": {"Type": "String"},
    "CodeKey": {"Type": "String"},
    "SubnetIds": {"Type": "List<AWS::EC2::Subnet::Id>"},
    "SecurityGroupIds": {"Type": "List<AWS::EC2::SecurityGroup::Id>"},
}


def templates(*, is_split: bool = False) -> dict[str, str]:
    """The text of each template, by its path."""
    found = {"deploy/aws/api.json": _api()}
    for service in SERVICES:
        manifest: Manifest = import_module(f"backend.{service}.main").MANIFEST
        found[f"backend/{service}/deploy/aws/lambda.json"] = _stack(manifest, is_split=is_split)
    return {path: json.dumps(template, indent=1) + "\n" for path, template in found.items()}


def _api() -> Json:
    api = {
        "Type": "AWS::ApiGatewayV2::Api",
        "Properties": {"Name": {"Ref": "House"}, "ProtocolType": "HTTP"},
    }
    stage = {
        "Type": "AWS::ApiGatewayV2::Stage",
        "Properties": {"ApiId": {"Ref": "HttpApi"}, "StageName": "$default", "AutoDeploy": True},
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "SoSa: the HTTP API that the services' functions share",
        "Parameters": {"House": PARAMETERS["House"]},
        "Resources": {"HttpApi": api, "HttpStage": stage},
        "Outputs": {"HttpApiId": {"Value": {"Ref": "HttpApi"}}},
    }


def _stack(manifest: Manifest, *, is_split: bool) -> Json:
    functions = _functions(manifest, is_split=is_split)
    environment = _environment(manifest)
    resources: Json = {"Role": _role(manifest)}
    for function in functions:
        resources |= function_resources(manifest.service, function)
    if manifest.has_live_door:
        resources |= socket_resources("Live")
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": f"SoSa: {manifest.service} as functions",
        "Parameters": PARAMETERS,
        "Globals": {"Function": _globals(environment)},
        "Resources": resources,
    }


def _functions(manifest: Manifest, *, is_split: bool) -> list[Function]:
    service = manifest.service
    by_name = {item.name: item for item in operations(manifest.contract)}
    groups = manifest.split() if is_split else manifest.groups
    found = [
        Function(
            name,
            f"backend.{service}.main.http",
            operations=names,
            routes=tuple(f"{by_name[item].method} {by_name[item].path}" for item in names),
        )
        for name, names in groups.items()
    ]
    # What no operation answers: pictures, the description, and that there is nothing here.
    rest = Function("rest", f"backend.{service}.main.http", routes=(f"ANY /{service}/{{proxy+}}",))
    inside = Function("internal", f"backend.{service}.main.internal", is_clocked=True)
    live = Function("live", f"backend.{service}.main.live")
    return [*found, rest, inside, *([live] if manifest.has_live_door else [])]


def _globals(environment: Json) -> Json:
    return {
        "Runtime": {"Ref": "Runtime"},
        "CodeUri": {"Bucket": {"Ref": "CodeBucket"}, "Key": {"Ref": "CodeKey"}},
        "Timeout": 29,
        "MemorySize": 1024,
        "ReservedConcurrentExecutions": {"Ref": "Concurrency"},
        "VpcConfig": {
            "SubnetIds": {"Ref": "SubnetIds"},
            "SecurityGroupIds": {"Ref": "SecurityGroupIds"},
        },
        "Environment": {"Variables": environment},
    }


def _environment(manifest: Manifest) -> Json:
    service = manifest.service
    # Secrets are named, not copied: CloudFormation reads them when it makes the functions.
    values: Json = {
        "SOSA_KEYS": _secret(f"{service}/keys"),
        f"SOSA_{service.upper()}_DATABASE_URL": _secret(f"{service}/database-url"),
        "SOSA_REDIS_URL": _secret("redis-url"),
        "SOSA_DATABASE_CONNECTIONS": "1",
        "SOSA_PUBLIC_ORIGIN": {"Ref": "PublicOrigin"},
        "SOSA_TRUSTED_PROXIES": {"Ref": "TrustedProxies"},
        "SOSA_RATE_LIMIT_SCALE": {"Ref": "RateLimitScale"},
    }
    if service == "auth":
        values["SOSA_PROVIDERS"] = _secret("auth/providers")
    for peer in asked_by(service):
        values[f"SOSA_{peer.upper()}_URL"] = {"Fn::Sub": f"lambda:${{House}}-{peer}-internal"}
    if manifest.has_live_door:
        host = f"${{{SOCKETS}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"
        values["SOSA_PUSH_URL"] = {"Fn::Sub": f"https://{host}/{STAGE}"}
    return values


def asked_by(service: str) -> tuple[str, ...]:
    """The services that one may call or tell: whose functions it may invoke."""
    asked = {"auth"} if service != "auth" else set[str]()  # the keys that tokens are signed with
    for other in SERVICES:
        contract: type = import_module(f"backend.{other}.main").MANIFEST.contract
        if any(service in operation.allow for operation in operations(contract)):
            asked.add(other)
    for kind, reacting, _ in REACTIONS:
        if kind.__module__.startswith(f"backend.{service}."):
            asked.add(reacting)
    return tuple(sorted(asked - {service}))


def _secret(name: str) -> Mapping[str, str]:
    return {"Fn::Sub": f"{{{{resolve:secretsmanager:${{House}}/{name}}}}}"}


def _role(manifest: Manifest) -> Json:
    service = manifest.service
    logs = f"{ARN}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:/aws/lambda/"
    statements = [
        _allow(["logs:CreateLogStream", "logs:PutLogEvents"], [f"{logs}${{House}}-{service}-*:*"]),
        _allow(
            ["lambda:InvokeFunction"],
            [
                f"{ARN}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:"
                f"${{House}}-{peer}-internal"
                for peer in asked_by(service)
            ],
        ),
    ]
    if manifest.has_live_door:
        connections = f"${{{SOCKETS}}}/{STAGE}/*/@connections/*"
        statements.append(
            _allow(
                ["execute-api:ManageConnections"],
                [f"{ARN}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:{connections}"],
            )
        )
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            # Network interfaces in the VPC: AWS's own list, for it has no narrower form.
            "ManagedPolicyArns": [
                {"Fn::Sub": f"{ARN}:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"}
            ],
            "Policies": [
                {
                    "PolicyName": "own",
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
                }
            ],
        },
    }


def _allow(actions: list[str], resources: list[str]) -> Json:
    return {
        "Effect": "Allow",
        "Action": actions,
        "Resource": [{"Fn::Sub": resource} for resource in resources],
    }
