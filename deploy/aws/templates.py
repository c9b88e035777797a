"""All templates: what a house shares, and each service as functions and as containers."""

import json
from importlib import import_module

from backend.kit.lambdas.manifest import Manifest
from backend.kit.op import operations
from backend.kit.settings import SERVICES
from deploy.aws.asking import asked_by
from deploy.aws.data import data
from deploy.aws.front import front
from deploy.aws.functions import Function, function_resources
from deploy.aws.language import (
    ARN,
    HERE,
    MEDIA,
    MEDIA_ORIGIN,
    Json,
    allow,
    document,
    media_rights,
    ref,
    resource,
    role,
    sub,
)
from deploy.aws.network import network
from deploy.aws.services import service_stack, ui_stack
from deploy.aws.sockets import SOCKETS, STAGE, socket_resources

PARAMETERS: Json = {
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
    "KeyArn": {
        "Type": "String",
        "AllowedPattern": "arn:.+:kms:.+",
        "Description": "KMS key that the variables of functions are sealed with: keys are in them",
    },
    "CodeBucket": {"Type": "String"},
    "CodeKey": {"Type": "String"},
    "SubnetIds": {"Type": "List<AWS::EC2::Subnet::Id>"},
    "SecurityGroupIds": {"Type": "List<AWS::EC2::SecurityGroup::Id>"},
}
MEDIA_PARAMETERS: Json = {
    "MediaExtra": {
        "Type": "String",
        "Default": "",
        "Description": "&endpoint=https://... for a bucket that is not at AWS's own address",
    },
}
MAIL_PARAMETERS: Json = {
    "MailFrom": {"Type": "String", "Default": "SoSa <sosa@localhost>"},
}

_OWN_PARAMETERS = {"auth": MAIL_PARAMETERS, "messaging": MEDIA_PARAMETERS}


def templates(*, is_split: bool = False) -> dict[str, str]:
    """The text of each template, by its path."""
    found = {
        "deploy/aws/api.json": _api(),
        "deploy/aws/network.json": network(),
        "deploy/aws/data.json": data(),
        "deploy/aws/ui.json": ui_stack(),
        "deploy/aws/front.json": front(),
    }
    for service in SERVICES:
        manifest: Manifest = import_module(f"backend.{service}.main").MANIFEST
        found[f"backend/{service}/deploy/aws/lambda.json"] = _stack(manifest, is_split=is_split)
        found[f"backend/{service}/deploy/aws/ecs.json"] = service_stack(service)
    return {path: json.dumps(template, indent=1) + "\n" for path, template in found.items()}


def _api() -> Json:
    api = resource("AWS::ApiGatewayV2::Api", {"Name": ref("House"), "ProtocolType": "HTTP"})
    stage = resource(
        "AWS::ApiGatewayV2::Stage",
        {"ApiId": ref("HttpApi"), "StageName": "$default", "AutoDeploy": True},
    )
    return document(
        "the HTTP API that the services' functions share",
        {},
        {"HttpApi": api, "HttpStage": stage},
        Outputs={"HttpApiId": {"Value": ref("HttpApi")}},
    )


def _stack(manifest: Manifest, *, is_split: bool) -> Json:
    functions = _functions(manifest, is_split=is_split)
    environment = _environment(manifest)
    resources: Json = {"Role": _role(manifest)}
    for function in functions:
        resources |= function_resources(manifest.service, function)
    if manifest.has_live_door:
        resources |= socket_resources("Live")
    outputs = {"SocketApiId": {"Value": {"Ref": SOCKETS}}} if manifest.has_live_door else {}
    return document(
        f"{manifest.service} as functions",
        PARAMETERS | _OWN_PARAMETERS.get(manifest.service, {}),
        resources,
        Transform="AWS::Serverless-2016-10-31",
        Globals={"Function": _globals(environment)},
        **({"Outputs": outputs} if outputs else {}),
    )


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
        "KmsKeyArn": {"Ref": "KeyArn"},
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
        values["SOSA_MAIL_URL"] = _secret("auth/mail-url")
        values["SOSA_MAIL_FROM"] = {"Ref": "MailFrom"}
        values["SOSA_PROVIDERS"] = _secret("auth/providers")
    if service == "messaging":
        region = "${AWS::Region}"
        values["SOSA_MEDIA_URL"] = sub(f"s3://{MEDIA}?region={region}${{MediaExtra}}")
        values["SOSA_MEDIA_ORIGIN"] = sub(MEDIA_ORIGIN)
    for peer in asked_by(service):
        values[f"SOSA_{peer.upper()}_URL"] = {"Fn::Sub": f"lambda:${{House}}-{peer}-internal"}
    if manifest.has_live_door:
        host = f"${{{SOCKETS}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"
        values["SOSA_PUSH_URL"] = {"Fn::Sub": f"https://{host}/{STAGE}"}
    return values


def _secret(name: str) -> Json:
    return sub(f"{{{{resolve:secretsmanager:${{House}}/{name}}}}}")


def _role(manifest: Manifest) -> Json:
    service = manifest.service
    functions = f"{ARN}:lambda:{HERE}:function:${{House}}"
    statements = [
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [f"{ARN}:logs:{HERE}:log-group:/aws/lambda/${{House}}-{service}-*:*"],
        ),
        allow(["kms:Decrypt"], ["${KeyArn}"]),
        allow(
            ["lambda:InvokeFunction"],
            [f"{functions}-{peer}-internal" for peer in asked_by(service)],
        ),
    ]
    if manifest.has_live_door:
        connections = f"${{{SOCKETS}}}/{STAGE}/*/@connections/*"
        statements.append(
            allow(["execute-api:ManageConnections"], [f"{ARN}:execute-api:{HERE}:{connections}"])
        )
    if service == "messaging":
        statements.append(media_rights())
    found = role("lambda", statements)
    # Network interfaces in the VPC: AWS's own list, for it has no narrower form.
    interfaces = f"{ARN}:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"
    found["Properties"]["ManagedPolicyArns"] = [sub(interfaces)]
    return found
