"""CloudFormation's words, and what every template of ours is made of."""

from typing import Any

Json = dict[str, Any]

ARN = "arn:${AWS::Partition}"
HERE = "${AWS::Region}:${AWS::AccountId}"
PORT = 3000
"""Where a container listens."""

HOUSE: Json = {
    "Type": "String",
    "Default": "sosa",
    "AllowedPattern": "[a-z][a-z0-9-]{1,20}",
    "Description": "What names of functions and secrets begin with",
}


MEDIA = "${House}-media-${AWS::AccountId}"
"""The bucket of pictures and files."""
MEDIA_ORIGIN = f"https://{MEDIA}.s3.${{AWS::Region}}.amazonaws.com"


def media_rights() -> Json:
    """What messaging may do there: with files by their names, and no looking around."""
    return allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [f"{ARN}:s3:::{MEDIA}/*"])


def ref(name: str) -> Json:
    """The id of a resource, or the value of a parameter."""
    return {"Ref": name}


def att(name: str, attribute: str = "Arn") -> Json:
    """An attribute of a resource."""
    return {"Fn::GetAtt": [name, attribute]}


def sub(text: str) -> Json:
    """Text with names of resources and parameters in it, as `${Name}`."""
    return {"Fn::Sub": text}


def shared(name: str) -> Json:
    """What another stack of the same house gave away by `outputs`."""
    return {"Fn::ImportValue": sub(f"${{House}}-{name}")}


def outputs(values: Json) -> Json:
    """Outputs of a template, which other stacks of the house may use."""
    return {
        name: {"Value": value, "Export": {"Name": sub(f"${{House}}-{name}")}}
        for name, value in values.items()
    }


def resource(kind: str, properties: Json, **more: Any) -> Json:  # noqa: ANN401 - attributes
    """A resource. `more` are its attributes beside the properties."""
    return {"Type": kind, **more, "Properties": properties}


def document(description: str, parameters: Json, resources: Json, **more: Any) -> Json:  # noqa: ANN401
    """A template."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"SoSa: {description}",
        "Parameters": {"House": HOUSE} | parameters,
        **more,
        "Resources": resources,
    }


def trust(service: str) -> Json:
    """Lets a service of AWS take on a role."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def allow(actions: list[str], resources: list[str]) -> Json:
    """A statement of a policy."""
    return {"Effect": "Allow", "Action": actions, "Resource": [sub(item) for item in resources]}


def role(service: str, statements: list[Json]) -> Json:
    """A role for a service of AWS, with rights of its own only."""
    document_ = {"Version": "2012-10-17", "Statement": statements}
    policies = [{"PolicyName": "own", "PolicyDocument": document_}] if statements else []
    return resource(
        "AWS::IAM::Role", {"AssumeRolePolicyDocument": trust(service), "Policies": policies}
    )
