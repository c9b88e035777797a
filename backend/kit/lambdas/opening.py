"""Ways from a function to what AWS runs for us, opened by what AWS tells the function."""

from functools import cache

from backend.kit.http.calling import Transport
from backend.kit.lambdas.aws import Aws
from backend.kit.lambdas.invoke import SCHEME, FunctionTransport
from backend.kit.lambdas.issued import signer_of
from backend.kit.lambdas.push import ConnectionsPush
from backend.kit.push import Push
from backend.kit.settings import AwsAccess


@cache
def lambda_service() -> Aws:
    """Where functions are invoked; one for the life of the environment."""
    access = AwsAccess.from_environment()
    return Aws(signer_of(access, "lambda"), access.lambda_url)


def open_function(url: str) -> Transport:
    """The way to the function that `lambda:<name>` names."""
    return FunctionTransport(lambda_service(), url.removeprefix(SCHEME))


def open_push(url: str) -> Push:
    """The way to the sockets of an API's stage."""
    return ConnectionsPush(Aws(signer_of(AwsAccess.from_environment(), "execute-api"), url))
