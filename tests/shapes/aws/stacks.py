"""Templates, with what CloudFormation would make of them."""

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

REGION, ACCOUNT, SUFFIX = "eu-west-1", "417205369184", "amazonaws.com"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::URLSuffix": SUFFIX,
}
VARIABLES_BYTES = 4096
SECRET = re.compile(r"{{resolve:secretsmanager:([^}]+)}}")


@dataclass(frozen=True)
class Function:
    """A function as it would be made."""

    name: str
    arn: str
    handler: str
    timeout: int
    environment: Mapping[str, str]
    allowed: tuple[tuple[frozenset[str], tuple[str, ...]], ...]
    """Actions and resources of its role."""

    def may(self, action: str, resource: str) -> bool:
        return any(
            action in actions and any(fnmatch.fnmatchcase(resource, item) for item in resources)
            for actions, resources in self.allowed
        )


class Stack:
    """One template with its parameters. References to other resources become their ids."""

    def __init__(self, text: str, parameters: Mapping[str, str], secrets: Mapping[str, str]):
        self.template: dict[str, Any] = json.loads(text)
        self._secrets = secrets
        self._names = {
            **PSEUDO,
            **{
                name: str(parameters.get(name, item.get("Default", "")))
                for name, item in self.template["Parameters"].items()
            },
        }

    def of_type(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, resource in self.template["Resources"].items():
            if resource["Type"] == kind:
                yield name, resource["Properties"]

    def functions(self) -> Iterator[Function]:
        globals_ = self.template.get("Globals", {}).get("Function", {})
        for name, own in self.of_type("AWS::Serverless::Function"):
            variables = {
                **globals_["Environment"]["Variables"],
                **own.get("Environment", {}).get("Variables", {}),
            }
            environment = {key: self.value(item) for key, item in variables.items()}
            # Lambda takes no more than this of all of them together, names included.
            assert sum(map(len, (*environment, *environment.values()))) <= VARIABLES_BYTES, name
            yield Function(
                name=self.value(own["FunctionName"]),
                arn=self.function_arn(name),
                handler=own["Handler"],
                timeout=globals_["Timeout"],
                environment=environment,
                allowed=self._allowed(own["Role"]["Fn::GetAtt"][0]),
            )

    def routes(self) -> Iterator[tuple[str, str, str]]:
        """Api id, route key and ARN of the function. An integration needs its permission."""
        for _, route in self.of_type("AWS::ApiGatewayV2::Route"):
            integration = self.value(route["Target"]).partition("/")[2]
            properties = self.template["Resources"][integration]["Properties"]
            api = self.value(route["ApiId"])
            arn = self.value(properties["IntegrationUri"]).split("/functions/")[1]
            arn = arn.removesuffix("/invocations")
            if not self._is_permitted(arn, api):
                raise AssertionError(f"no permission for {api} to call {arn}")
            yield api, route["RouteKey"], arn

    def clocks(self) -> Iterator[str]:
        """ARNs of functions that a schedule calls."""
        for _, rule in self.of_type("AWS::Events::Rule"):
            yield from (self.value(target["Arn"]) for target in rule["Targets"])

    def value(self, given: Any) -> str:
        if isinstance(given, Mapping):
            ((how, what),) = cast("dict[str, Any]", given).items()
            if how == "Ref":
                return self._named(what)
            if how == "Fn::GetAtt":
                return self._attribute(*what)
            text = re.sub(r"\${([^}]+)}", lambda found: self._named(found[1]), what)
        else:
            text = str(given)
        return SECRET.sub(lambda found: self._secrets[found[1]], text)

    def function_arn(self, logical: str) -> str:
        properties = self.template["Resources"][logical]["Properties"]
        name = self.value(properties["FunctionName"])
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"

    def _named(self, name: str) -> str:
        if name in self._names:
            return self._names[name]
        logical, _, attribute = name.partition(".")
        if attribute:
            return self._attribute(logical, attribute)
        resource = self.template["Resources"][logical]
        if resource["Type"] == "AWS::ApiGatewayV2::Api":
            return logical.lower()
        if resource["Type"] == "AWS::Serverless::Function":
            return self.function_arn(logical)
        return logical

    def _attribute(self, logical: str, attribute: str) -> str:
        assert attribute == "Arn", attribute
        if self.template["Resources"][logical]["Type"] == "AWS::Serverless::Function":
            return self.function_arn(logical)
        return f"arn:aws:any:{logical}"

    def _allowed(self, role: str) -> tuple[tuple[frozenset[str], tuple[str, ...]], ...]:
        policies = self.template["Resources"][role]["Properties"]["Policies"]
        return tuple(
            (
                frozenset(statement["Action"]),
                tuple(self.value(item) for item in statement["Resource"]),
            )
            for policy in policies
            for statement in policy["PolicyDocument"]["Statement"]
        )

    def _is_permitted(self, arn: str, api: str) -> bool:
        return any(
            self.value(item["FunctionName"]) == arn
            and item["Principal"] == "apigateway.amazonaws.com"
            and f":{api}/" in self.value(item["SourceArn"])
            for _, item in self.of_type("AWS::Lambda::Permission")
        )
