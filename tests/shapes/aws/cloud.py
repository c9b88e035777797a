"""MiniStack as a process: a region of AWS with an account, on a free port."""

import socket
from pathlib import Path

from tests.serving import free_port
from tests.shapes.aws.account import REGION, Account
from tests.shapes.processes import ROOT, Process

TOOLS = ROOT / ".venv-aws" / "bin"
START_SECONDS = 60
KEY, SECRET, ACCOUNT = "AKIAIOSFODNN7EXAMPLE", "a-secret-of-the-tests", "417205369184"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NETWORK = {
    "CertificateArn": (
        f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"
    ),
    "CloudFrontPrefixList": "pl-4fa04526",
    # What MiniStack's CloudFormation does not know.
    "Nat": "no",
}


class Cloud:
    """The region. What is in it is gone when it stops."""

    def __init__(self, folder: Path) -> None:
        if not (TOOLS / "ministack").exists():
            raise RuntimeError("MiniStack is missing: python3 deploy/bootstrap.py test")
        self.port = free_port()
        self.account = Account(f"http://127.0.0.1:{self.port}", KEY, SECRET)
        environment = {
            # Signatures are checked then, and what the policies of roles say.
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": self.account.endpoint,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            # Under this name functions ask for sockets: they take it from the template.
            "MINISTACK_HOST": f"{REGION}.amazonaws.com",
            "MINISTACK_REGION": REGION,
            "TMPDIR": str(folder),
        }
        program = [str(TOOLS / "ministack")]
        self._process = Process("ministack", program, folder / "ministack.log", environment)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process.start()
        self._process.wait_until(lambda: answers(self.port), START_SECONDS)

    def stop(self) -> None:
        """Stop it."""
        self._process.stop()


def template(path: str) -> str:
    """A template as it is committed."""
    return (ROOT / path).read_text()


def answers(port: int) -> bool:
    """Whether something listens at a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
