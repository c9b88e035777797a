"""A function, the routes that lead to it, and who may call it."""

from dataclasses import dataclass

from deploy.aws.language import ARN, Json

KEEP_LOGS_DAYS = 30


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a service. `routes` are those of the HTTP API."""

    name: str
    handler: str
    operations: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    is_clocked: bool = False

    @property
    def logical(self) -> str:
        """Its name in a template."""
        return "".join(part.title() for part in self.name.split("-"))


def function_resources(service: str, function: Function) -> Json:
    """The function with its log, routes, clock and permissions."""
    name = f"${{House}}-{service}-{function.name}"
    found: Json = {
        f"{function.logical}Function": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "FunctionName": {"Fn::Sub": name},
                "Handler": function.handler,
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Environment": {"Variables": {"SOSA_OPERATIONS": ",".join(function.operations)}},
            },
        },
        f"{function.logical}Log": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {
                "LogGroupName": {"Fn::Sub": f"/aws/lambda/{name}"},
                "RetentionInDays": KEEP_LOGS_DAYS,
            },
        },
    }
    if function.routes:
        found |= _http_resources(function)
    if function.is_clocked:
        found |= _clock_resources(function)
    return found


def invocation(function: str) -> Json:
    """What an integration calls."""
    return {
        "Fn::Sub": f"{ARN}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/"
        f"${{{function}.Arn}}/invocations"
    }


def permission(function: str, principal: str, source: Json) -> Json:
    """Lets a service of AWS call the function, on behalf of one source of ours."""
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": function},
            "Principal": principal,
            "SourceArn": source,
        },
    }


def _http_resources(function: Function) -> Json:
    target = f"{function.logical}Function"
    source = f"{ARN}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{HttpApiId}}/*"
    found: Json = {
        f"{function.logical}Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "HttpApiId"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": invocation(target),
                "PayloadFormatVersion": "2.0",
                "TimeoutInMillis": 29_000,
            },
        },
        f"{function.logical}Permission": permission(
            target, "apigateway.amazonaws.com", {"Fn::Sub": source}
        ),
    }
    for number, key in enumerate(function.routes, 1):
        found[f"{function.logical}Route{number}"] = {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "HttpApiId"},
                "RouteKey": key,
                "Target": {"Fn::Sub": f"integrations/${{{function.logical}Integration}}"},
            },
        }
    return found


def _clock_resources(function: Function) -> Json:
    target = f"{function.logical}Function"
    rule = f"{function.logical}Clock"
    return {
        rule: {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "ScheduleExpression": "rate(1 minute)",
                "Targets": [{"Id": "internal", "Arn": {"Fn::GetAtt": [target, "Arn"]}}],
            },
        },
        f"{rule}Permission": permission(
            target, "events.amazonaws.com", {"Fn::GetAtt": [rule, "Arn"]}
        ),
    }
