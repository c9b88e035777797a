"""A service, or the pages, as containers of ECS behind the load balancer of the house."""

from dataclasses import dataclass

from deploy.aws.language import (
    ARN,
    HERE,
    PORT,
    Json,
    allow,
    att,
    document,
    ref,
    resource,
    role,
    shared,
    sub,
)  # fmt: skip
from deploy.aws.network import listener_rule

KEEP_LOGS_DAYS = 30
USER = "10001:10001"
"""The Dockerfile's: nobody in particular."""

PARAMETERS: Json = {
    "Image": {"Type": "String", "Description": "From deploy/aws/Dockerfile, by its digest"},
    "PublicOrigin": {"Type": "String", "Description": "https://chat.example.org"},
    "RateLimitScale": {"Type": "Number", "Default": 1},
}


@dataclass(frozen=True, slots=True)
class Container:
    """What is particular to one kind of container."""

    name: str
    command: list[str]
    environment: Json
    secrets: dict[str, str]
    """Names of secrets, without the house's, by variable."""
    paths: list[str]
    priority: int
    count: int
    rights: list[Json]
    """Statements of the role that it runs in."""


def container_stack(container: Container, parameters: Json) -> Json:
    """The template of one kind of container."""
    return document(
        f"{container.name} as containers",
        PARAMETERS | parameters,
        container_resources(container),
    )


def container_resources(container: Container) -> Json:
    """Its tasks, with who finds them and what they may do."""
    name = container.name
    log = sub(f"/ecs/${{House}}-{name}")
    return {
        "ExecutionRole": role("ecs-tasks", _starting(container)),
        "TaskRole": role("ecs-tasks", container.rights),
        "Log": resource(
            "AWS::Logs::LogGroup", {"LogGroupName": log, "RetentionInDays": KEEP_LOGS_DAYS}
        ),
        "Task": resource("AWS::ECS::TaskDefinition", _task(container)),
        "Discovery": resource(
            "AWS::ServiceDiscovery::Service",
            {
                "Name": name,
                "NamespaceId": shared("Namespace"),
                "DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 10}]},
            },
        ),
        "Target": resource("AWS::ElasticLoadBalancingV2::TargetGroup", _target()),
        "Rule": listener_rule(container.priority, container.paths, "Target"),
        "Service": resource("AWS::ECS::Service", _service(container), DependsOn="Rule"),
    }


def _starting(container: Container) -> list[Json]:
    """What ECS does before the container runs: fetch the image and the secrets, open the log."""
    secrets = [f"{ARN}:secretsmanager:{HERE}:secret:${{House}}/{name}-??????"
               for name in sorted(set(container.secrets.values()))]  # fmt: skip
    log = f"{ARN}:logs:{HERE}:log-group:/ecs/${{House}}-{container.name}:*"
    images = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
    return [
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], [log]),
        allow(["secretsmanager:GetSecretValue"], secrets),
        allow(images, [f"{ARN}:ecr:{HERE}:repository/${{House}}"]),
        # AWS knows no narrower form: the token opens nothing by itself.
        {"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": "*"},
    ]


def _task(container: Container) -> Json:
    return {
        "Family": sub(f"${{House}}-{container.name}"),
        "RequiresCompatibilities": ["FARGATE"],
        "NetworkMode": "awsvpc",
        "Cpu": "512",
        "Memory": "1024",
        "ExecutionRoleArn": att("ExecutionRole"),
        "TaskRoleArn": att("TaskRole"),
        "Volumes": [{"Name": "data"}],
        "ContainerDefinitions": [_definition(container)],
    }


def _definition(container: Container) -> Json:
    alive = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}/healthz')"
    return {
        "Name": container.name,
        "Image": ref("Image"),
        "Command": container.command,
        "User": USER,
        "Essential": True,
        "ReadonlyRootFilesystem": True,
        "PortMappings": [{"ContainerPort": PORT, "Protocol": "tcp"}],
        "Environment": _environment(container),
        "Secrets": _secrets(container),
        "MountPoints": [{"SourceVolume": "data", "ContainerPath": "/data"}],
        "HealthCheck": {"Command": ["CMD", "python3", "-c", alive], "StartPeriod": 60},
        "LogConfiguration": {
            "LogDriver": "awslogs",
            "Options": {
                "awslogs-group": ref("Log"),
                "awslogs-region": ref("AWS::Region"),
                "awslogs-stream-prefix": container.name,
            },
        },
    }


def _environment(container: Container) -> list[Json]:
    values = {
        "SOSA_HOST": "0.0.0.0",  # noqa: S104 - of a container, whose group says who comes in
        "SOSA_PORT": str(PORT),
        "SOSA_DATA_DIR": "/data",
        "SOSA_PUBLIC_ORIGIN": ref("PublicOrigin"),
        "SOSA_RATE_LIMIT_SCALE": ref("RateLimitScale"),
        # CloudFront and the load balancer.
        "SOSA_TRUSTED_PROXIES": "2",
        **container.environment,
    }
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _secrets(container: Container) -> list[Json]:
    secret = f"{ARN}:secretsmanager:{HERE}:secret:${{House}}"
    return [
        {"Name": name, "ValueFrom": sub(f"{secret}/{kept}")}
        for name, kept in container.secrets.items()
    ]


def _target() -> Json:
    return {
        "VpcId": shared("Vpc"),
        "Port": PORT,
        "Protocol": "HTTP",
        "TargetType": "ip",
        "HealthCheckPath": "/healthz",
        "HealthCheckIntervalSeconds": 10,
        "TargetGroupAttributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}],
    }


def _service(container: Container) -> Json:
    return {
        "ServiceName": sub(f"${{House}}-{container.name}"),
        "Cluster": shared("Cluster"),
        "TaskDefinition": ref("Task"),
        "LaunchType": "FARGATE",
        "DesiredCount": container.count,
        "DeploymentConfiguration": {
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
            "MinimumHealthyPercent": 100,
            "MaximumPercent": 200,
        },
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "Subnets": {"Fn::Split": [",", shared("PrivateSubnets")]},
                "SecurityGroups": [shared("HouseGroup")],
                "AssignPublicIp": "DISABLED",
            }
        },
        "LoadBalancers": [
            {
                "ContainerName": container.name,
                "ContainerPort": PORT,
                "TargetGroupArn": ref("Target"),
            }
        ],
        "ServiceRegistries": [{"RegistryArn": att("Discovery")}],
    }
