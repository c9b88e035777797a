"""The stacks of services as containers, and of the pages."""

from backend.kit.settings import SERVICES
from deploy.aws.asking import asked_by
from deploy.aws.containers import Container, container_stack
from deploy.aws.language import (
    ARN,
    HERE,
    MEDIA,
    MEDIA_ORIGIN,
    PORT,
    Json,
    allow,
    media_rights,
    sub,
)

SEVERAL = 2
"""Of each service, so that a release can be rolled out without a request refused."""
PAGES = ["/_event*", "/_upload*", "/_health", "/ping"]
"""What the pages ask of Reflex's back end (deploy/pages.py)."""


OWN_SECRETS = {
    "auth": {"SOSA_MAIL_URL": "auth/mail-url", "SOSA_PROVIDERS": "auth/providers"},
}
OWN_ENVIRONMENT: dict[str, Json] = {
    "messaging": {
        "AWS_REGION": {"Ref": "AWS::Region"},
        "SOSA_MEDIA_URL": sub(f"s3://{MEDIA}?region=${{AWS::Region}}"),
        "SOSA_MEDIA_ORIGIN": sub(MEDIA_ORIGIN),
        # Where it looks at files; nothing else of a container can be written to.
        "TMPDIR": "/data",
    },
}


def service_stack(service: str) -> Json:
    """A service as containers."""
    container = Container(
        name=service,
        command=["python3", "-m", "deploy.services", service],
        environment={f"SOSA_{peer.upper()}_URL": _place(peer) for peer in asked_by(service)}
        | OWN_ENVIRONMENT.get(service, {}),
        secrets={
            "SOSA_KEYS": f"{service}/keys",
            f"SOSA_{service.upper()}_DATABASE_URL": f"{service}/database-url",
            "SOSA_REDIS_URL": "redis-url",
        }
        | OWN_SECRETS.get(service, {}),
        # Below it: `/auth/callback` is a page.
        paths=[f"/{service}/v1/*"],
        priority=10 + SERVICES.index(service),
        count=SEVERAL,
        # What it asks of others it asks with its own keys: AWS need not let it do anything, but
        # messaging keeps files.
        rights=[media_rights()] if service == "messaging" else [],
    )
    return container_stack(container, {})


def ui_stack() -> Json:
    """Reflex's back end: one container, for it knows what each open page shows."""
    functions = [f"{ARN}:lambda:{HERE}:function:${{House}}-{name}-internal" for name in SERVICES]
    container = Container(
        name="ui",
        command=["python3", "-m", "deploy.monolith"],
        environment={"AWS_REGION": {"Ref": "AWS::Region"}, "SOSA_MEDIA_ORIGIN": sub(MEDIA_ORIGIN)}
        | {
            f"SOSA_{name.upper()}_URL": {
                "Fn::If": ["AreFunctions", sub(f"lambda:${{House}}-{name}-internal"), _place(name)]
            }
            for name in SERVICES
        },
        secrets={"SOSA_KEYS": "ui/keys", "SOSA_REDIS_URL": "redis-url"},
        # Whatever is nobody else's, to say nicely that there is nothing.
        paths=["/*"],
        priority=900,
        count=1,
        rights=[allow(["lambda:InvokeFunction"], functions)],
    )
    services: Json = {
        "Type": "String",
        "Default": "containers",
        "AllowedValues": ["containers", "functions"],
        "Description": "How the services run that the pages ask",
    }
    stack = container_stack(container, {"Services": services})
    are_functions = {"Fn::Equals": [{"Ref": "Services"}, "functions"]}
    return {**stack, "Conditions": {"AreFunctions": are_functions}}


def _place(service: str) -> Json:
    return sub(f"http://{service}.${{House}}.internal:{PORT}")
