"""The network that functions and containers of a house share, and the one way in for requests."""

from deploy.aws.language import PORT, Json, att, document, outputs, ref, resource, shared, sub

CIDR = "10.20.0.0/16"
SUBNETS = {"PublicA": 0, "PublicB": 1, "PrivateA": 2, "PrivateB": 3}
CLOSED = ["/internal/*", "/metrics", "/readyz"]
"""What services say to each other and to those who watch is nobody else's."""

PARAMETERS: Json = {
    "CertificateArn": {
        "Type": "String",
        "Description": "Of the name under which CloudFront reaches the load balancer",
    },
    "CloudFrontPrefixList": {
        "Type": "String",
        "AllowedPattern": "pl-[0-9a-f]+",
        "Description": "com.amazonaws.global.cloudfront.origin-facing, of this region",
    },
    "Nat": {
        "Type": "String",
        "Default": "yes",
        "AllowedValues": ["yes", "no"],
        "Description": "Without it nothing in private subnets reaches what is outside",
    },
}


def network() -> Json:
    """The template."""
    resources = _vpc() | _routes() | _nat() | _groups() | _entrance()
    resources["Cluster"] = resource(
        "AWS::ECS::Cluster",
        {
            "ClusterName": ref("House"),
            "ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}],
        },
    )
    resources["Namespace"] = resource(
        "AWS::ServiceDiscovery::PrivateDnsNamespace",
        {"Name": sub("${House}.internal"), "Vpc": ref("Vpc")},
    )
    given = {
        "Vpc": ref("Vpc"),
        "PublicSubnets": {"Fn::Join": [",", [ref("PublicA"), ref("PublicB")]]},
        "PrivateSubnets": {"Fn::Join": [",", [ref("PrivateA"), ref("PrivateB")]]},
        "HouseGroup": ref("HouseGroup"),
        "DataGroup": ref("DataGroup"),
        "Cluster": ref("Cluster"),
        "Namespace": ref("Namespace"),
        "Listener": ref("Listener"),
        "LoadBalancer": att("LoadBalancer", "DNSName"),
    }
    return document(
        "the network of a house",
        PARAMETERS,
        resources,
        Conditions={"HasNat": {"Fn::Equals": [ref("Nat"), "yes"]}},
        Outputs=outputs(given),
    )


def _vpc() -> Json:
    found: Json = {
        "Vpc": resource(
            "AWS::EC2::VPC",
            {"CidrBlock": CIDR, "EnableDnsSupport": True, "EnableDnsHostnames": True},
        ),
        "Gateway": resource("AWS::EC2::InternetGateway", {}),
        "Attachment": resource(
            "AWS::EC2::VPCGatewayAttachment",
            {"VpcId": ref("Vpc"), "InternetGatewayId": ref("Gateway")},
        ),
    }
    for name, number in SUBNETS.items():
        found[name] = resource(
            "AWS::EC2::Subnet",
            {
                "VpcId": ref("Vpc"),
                "CidrBlock": f"10.20.{number}.0/24",
                "AvailabilityZone": {"Fn::Select": [number % 2, {"Fn::GetAZs": ""}]},
            },
        )
    return found


def _routes() -> Json:
    found: Json = {}
    for kind in ("Public", "Private"):
        found[f"{kind}Routes"] = resource("AWS::EC2::RouteTable", {"VpcId": ref("Vpc")})
    for name in SUBNETS:
        found[f"{name}Routes"] = resource(
            "AWS::EC2::SubnetRouteTableAssociation",
            {"SubnetId": ref(name), "RouteTableId": ref(f"{name[:-1]}Routes")},
        )
    found["PublicWay"] = resource(
        "AWS::EC2::Route",
        {
            "RouteTableId": ref("PublicRoutes"),
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": ref("Gateway"),
        },
        DependsOn="Attachment",
    )
    return found


def _nat() -> Json:
    address = resource("AWS::EC2::EIP", {"Domain": "vpc"}, Condition="HasNat")
    gateway = resource(
        "AWS::EC2::NatGateway",
        {"SubnetId": ref("PublicA"), "AllocationId": att("NatAddress", "AllocationId")},
        Condition="HasNat",
        DependsOn="Attachment",
    )
    way = resource(
        "AWS::EC2::Route",
        {
            "RouteTableId": ref("PrivateRoutes"),
            "DestinationCidrBlock": "0.0.0.0/0",
            "NatGatewayId": ref("NatGateway"),
        },
        Condition="HasNat",
    )
    return {"NatAddress": address, "NatGateway": gateway, "PrivateWay": way}


def _groups() -> Json:
    def group(description: str, ways_in: list[Json]) -> Json:
        everywhere = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0", "Description": "Anywhere"}
        return resource(
            "AWS::EC2::SecurityGroup",
            {
                "GroupDescription": description,
                "VpcId": ref("Vpc"),
                "SecurityGroupIngress": ways_in,
                "SecurityGroupEgress": [everywhere],
            },
        )

    def port(number: int, description: str, source: Json) -> Json:
        ports = {"IpProtocol": "tcp", "FromPort": number, "ToPort": number}
        return {**ports, "Description": description, **source}

    house = {"SourceSecurityGroupId": ref("HouseGroup")}
    cloudfront = {"SourcePrefixListId": ref("CloudFrontPrefixList")}
    return {
        "EdgeGroup": group("The load balancer", [port(443, "CloudFront", cloudfront)]),
        "HouseGroup": group("Services", [port(PORT, "The house", {"CidrIp": CIDR})]),
        "DataGroup": group("Data", [port(5432, "Services", house), port(6379, "Services", house)]),
    }


def _entrance() -> Json:
    balancer = resource(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        {
            "Type": "application",
            "Scheme": "internet-facing",
            "Subnets": [ref("PublicA"), ref("PublicB")],
            "SecurityGroups": [ref("EdgeGroup")],
            "LoadBalancerAttributes": [
                # A socket may be silent for ten minutes (docs/protocol.md).
                {"Key": "idle_timeout.timeout_seconds", "Value": "610"},
                {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
            ],
        },
        DependsOn="Attachment",
    )
    nothing = {
        "Type": "fixed-response",
        "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"},
    }
    listener = resource(
        "AWS::ElasticLoadBalancingV2::Listener",
        {
            "LoadBalancerArn": ref("LoadBalancer"),
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "Certificates": [{"CertificateArn": ref("CertificateArn")}],
            "DefaultActions": [nothing],
        },
    )
    closed = resource(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        {
            "ListenerArn": ref("Listener"),
            "Priority": 1,
            "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": CLOSED}}],
            "Actions": [nothing],
        },
    )
    return {"LoadBalancer": balancer, "Listener": listener, "Closed": closed}


def listener_rule(priority: int, paths: list[str], target: str) -> Json:
    """Sends requests for some paths to a target group."""
    return resource(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        {
            "ListenerArn": shared("Listener"),
            "Priority": priority,
            "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": paths}}],
            "Actions": [{"Type": "forward", "TargetGroupArn": ref(target)}],
        },
    )
