"""The WebSocket API in front of a live door."""

from deploy.aws.functions import invocation, permission
from deploy.aws.language import ARN, Json

SOCKETS = "SocketApi"
STAGE = "live"
ROUTES = {"Connect": "$connect", "Default": "$default", "Disconnect": "$disconnect"}


def socket_resources(logical: str) -> Json:
    """The API with its stage and routes, all of which lead to one function."""
    target = f"{logical}Function"
    source = f"{ARN}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{SOCKETS}}}/*"
    found: Json = {
        SOCKETS: {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": {"Fn::Sub": "${House}-live"},
                "ProtocolType": "WEBSOCKET",
                # There is one route for all frames: what they mean is for the core to say.
                "RouteSelectionExpression": "$request.body.none",
            },
        },
        "SocketStage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": SOCKETS}, "StageName": STAGE, "AutoDeploy": True},
        },
        "SocketIntegration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": SOCKETS},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": invocation(target),
            },
        },
        "SocketPermission": permission(target, "apigateway.amazonaws.com", {"Fn::Sub": source}),
    }
    for name, key in ROUTES.items():
        found[f"Socket{name}Route"] = {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": SOCKETS},
                "RouteKey": key,
                "Target": {"Fn::Sub": "integrations/${SocketIntegration}"},
            },
        }
    return found
