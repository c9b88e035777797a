"""An account of AWS, or of what plays AWS: requests signed by our own signer."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

from backend.kit.lambdas.sigv4 import Signer
from backend.kit.settings import AwsAccess

REGION = "eu-west-1"
_FORM = "application/x-www-form-urlencoded"
_ENDED_WELL = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


class AccountError(RuntimeError):
    """AWS refused, or a stack was not made; the text says what and why."""


@dataclass(frozen=True)
class Account:
    """What a person who installs the house may do."""

    endpoint: str
    key: str
    secret: str

    def variables(self) -> dict[str, str]:
        """What AWS tells a program that acts for the account."""
        return {
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
        }

    def put_secret(self, name: str, text: str) -> None:
        """Keep a secret that is new."""
        secret = {"Name": name, "SecretString": text}
        self.ask_json("secretsmanager", "secretsmanager.CreateSecret", secret)

    def make_bucket(self, name: str) -> None:
        """Make a bucket that is new."""
        where = f"<LocationConstraint>{REGION}</LocationConstraint>"
        body = f"<CreateBucketConfiguration>{where}</CreateBucketConfiguration>"
        self._ask("PUT", "s3", f"/{name}", body.encode())

    def put_object(self, bucket: str, key: str, content: bytes) -> None:
        """Put a file into a bucket."""
        self._ask("PUT", "s3", f"/{bucket}/{key}", content)

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """What a function answers."""
        path = f"/2015-03-31/functions/{name}/invocations"
        status, headers, body = self._send("POST", "lambda", path, json.dumps(event).encode(), {})
        if status != 200 or "x-amz-function-error" in headers:
            raise AccountError(f"{name}: {status} {body[:2000]!r}")
        return json.loads(body)

    def begin_stack(self, name: str, template: str, parameters: Mapping[str, str]) -> None:
        """Have CloudFormation make a stack, and wait for nothing."""
        form = {"StackName": name, "TemplateBody": template}
        for number, capability in enumerate(("IAM", "NAMED_IAM", "AUTO_EXPAND"), 1):
            form[f"Capabilities.member.{number}"] = f"CAPABILITY_{capability}"
        for number, (key, value) in enumerate(parameters.items(), 1):
            form[f"Parameters.member.{number}.ParameterKey"] = key
            form[f"Parameters.member.{number}.ParameterValue"] = value
        self._query("CreateStack", form)

    def outputs(self, name: str, seconds: float = 60) -> dict[str, str]:
        """The outputs of a stack, once it is there. Raises AccountError if it is not to be."""
        end = time.monotonic() + seconds
        while True:
            stack = self._query("DescribeStacks", {"StackName": name})
            status = stack.findtext(".//StackStatus", "")
            if status in _ENDED_WELL:
                return {
                    item.findtext("OutputKey", ""): item.findtext("OutputValue", "")
                    for item in stack.findall(".//Outputs/member")
                }
            if not status.endswith("_IN_PROGRESS") or time.monotonic() > end:
                raise AccountError(f"{name}: {status}: {self._reasons(name)}")
            time.sleep(0.1)

    def make_stack(self, name: str, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Make a stack and return its outputs."""
        self.begin_stack(name, template, parameters)
        return self.outputs(name)

    def resources(self, name: str) -> dict[str, tuple[str, str]]:
        """Type and physical id of everything in a stack, by logical id."""
        found = self._query("DescribeStackResources", {"StackName": name})
        return {
            item.findtext("LogicalResourceId", ""): (
                item.findtext("ResourceType", ""),
                item.findtext("PhysicalResourceId", ""),
            )
            for item in found.findall(".//StackResources/member")
        }

    def _reasons(self, name: str) -> str:
        events = self._query("DescribeStackEvents", {"StackName": name})
        failed = [
            f"{item.findtext('LogicalResourceId')}: {item.findtext('ResourceStatusReason')}"
            for item in events.findall(".//member")
            if "FAILED" in item.findtext("ResourceStatus", "")
        ]
        return "; ".join(failed)

    def _query(self, action: str, form: Mapping[str, str]) -> ET.Element:
        body = urlencode({"Action": action, "Version": "2010-05-15", **form}).encode()
        answer = self._ask("POST", "cloudformation", "/", body, {"Content-Type": _FORM})
        root = ET.fromstring(answer)  # noqa: S314 - from the stand-in that we started
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        return root

    def ask_json(self, service: str, target: str, value: object) -> Any:
        """What one of the services answers that are spoken to in JSON."""
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        return json.loads(self._ask("POST", service, "/", json.dumps(value).encode(), headers))

    def _ask(
        self,
        method: str,
        service: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        status, _, answer = self._send(method, service, path, body, headers or {})
        if status >= 300:
            raise AccountError(f"{service} {path}: {status} {answer[:2000].decode()}")
        return answer

    def _send(
        self, method: str, service: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        access = AwsAccess(self.key, self.secret, "", REGION, "")
        url = f"https://{service}.{REGION}.amazonaws.com{path}"
        given = {**headers, "X-Amz-Content-Sha256": sha256(body).hexdigest()}
        signed = Signer(access, service).headers(method, url, body, given, datetime.now(UTC))
        parts = urlsplit(self.endpoint)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            connection.request(method, path, body, signed)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()
