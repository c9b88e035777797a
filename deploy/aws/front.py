"""One origin for everything: CloudFront before the pages (files in S3), Reflex and the services."""

from backend.kit.http.policy import security_headers
from backend.kit.settings import SERVICES
from backend.messaging.live.gateway import PATH as LIVE
from deploy.aws.language import ARN, MEDIA_ORIGIN, Json, att, document, outputs, ref, resource, sub
from deploy.aws.services import PAGES

PARAMETERS: Json = {
    "Domain": {"Type": "String", "Description": "What members type, chat.example.org"},
    "CertificateArn": {"Type": "String", "Description": "For that name, in us-east-1"},
    "UiDomain": {"Type": "String", "Description": "A name of the load balancer"},
    "ServicesDomain": {
        "Type": "String",
        "Description": "A name of the load balancer, or <HttpApiId>.execute-api.<region>...",
    },
    "LiveDomain": {
        "Type": "String",
        "Description": "A name of the load balancer, or <SocketApiId>.execute-api.<region>...",
    },
    "LivePath": {
        "Type": "String",
        "Default": LIVE,
        "AllowedValues": [LIVE, "/live"],
        "Description": "/live for functions: a WebSocket API has no path but its stage",
    },
}
# Policies that AWS keeps for everybody (Amazon CloudFront: managed policies).
_CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_UNCACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
_EVERY_METHOD = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
_PAGE = """function handler(event) {
  var request = event.request;
  if (request.uri === '/') request.uri = '/index.html';
  else if (request.uri.indexOf('.') < 0) request.uri = request.uri.replace(/\\/$/, '') + '.html';
  return request;
}
"""
_LIVE = """function handler(event) {
  event.request.uri = '${LivePath}';
  return event.request;
}
"""


def front() -> Json:
    """The template."""
    resources = {
        "Files": _files(),
        "FilesPolicy": _files_policy(),
        "FilesAccess": resource(
            "AWS::CloudFront::OriginAccessControl",
            {
                "OriginAccessControlConfig": {
                    "Name": sub("${House}-files"),
                    "OriginAccessControlOriginType": "s3",
                    "SigningBehavior": "always",
                    "SigningProtocol": "sigv4",
                }
            },
        ),
        "Headers": resource("AWS::CloudFront::ResponseHeadersPolicy", _headers()),
        "PageFunction": _function("page", _PAGE),
        "LiveFunction": _function("live", sub(_LIVE)),
        "Distribution": resource(
            "AWS::CloudFront::Distribution", {"DistributionConfig": _distribution()}
        ),
    }
    given = {"Front": att("Distribution", "DomainName"), "FilesBucket": ref("Files")}
    return document("one origin for a house", PARAMETERS, resources, Outputs=outputs(given))


def _files() -> Json:
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    sealed = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return resource(
        "AWS::S3::Bucket",
        {
            "BucketName": sub("${House}-pages-${AWS::AccountId}"),
            "PublicAccessBlockConfiguration": dict.fromkeys(closed, True),
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [sealed]},
            # A page that is open asks for files of the version that it is of.
            "VersioningConfiguration": {"Status": "Enabled"},
        },
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
    )


def _files_policy() -> Json:
    distribution = f"{ARN}:cloudfront::${{AWS::AccountId}}:distribution/${{Distribution}}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": sub("${Files.Arn}/*"),
        "Condition": {"StringEquals": {"AWS:SourceArn": sub(distribution)}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return resource("AWS::S3::BucketPolicy", {"Bucket": ref("Files"), "PolicyDocument": policy})


def _headers() -> Json:
    """What every answer of ours carries (backend/kit/http/policy.py), on files too."""
    given = dict(security_headers("https://${Domain}", MEDIA_ORIGIN))
    age, scope = given.pop("Strict-Transport-Security").split("; ")
    security = {
        "ContentSecurityPolicy": {
            "ContentSecurityPolicy": sub(given.pop("Content-Security-Policy")),
            "Override": True,
        },
        "ContentTypeOptions": {"Override": True},
        "ReferrerPolicy": {"ReferrerPolicy": given.pop("Referrer-Policy"), "Override": True},
        "StrictTransportSecurity": {
            "AccessControlMaxAgeSec": int(age.removeprefix("max-age=")),
            "IncludeSubdomains": scope == "includeSubDomains",
            "Override": True,
        },
    }
    del given["X-Content-Type-Options"]
    others = [
        {"Header": name, "Value": value, "Override": True} for name, value in sorted(given.items())
    ]
    config = {
        "Name": sub("${House}-pages"),
        "SecurityHeadersConfig": security,
        "CustomHeadersConfig": {"Items": others},
    }
    return {"ResponseHeadersPolicyConfig": config}


def _function(name: str, code: Json | str) -> Json:
    return resource(
        "AWS::CloudFront::Function",
        {
            "Name": sub(f"${{House}}-{name}"),
            "AutoPublish": True,
            "FunctionCode": code,
            "FunctionConfig": {"Comment": name, "Runtime": "cloudfront-js-2.0"},
        },
    )


def _distribution() -> Json:
    return {
        "Enabled": True,
        "Aliases": [ref("Domain")],
        "DefaultRootObject": "index.html",
        "HttpVersion": "http2and3",
        "IPV6Enabled": True,
        "PriceClass": "PriceClass_100",
        "ViewerCertificate": {
            "AcmCertificateArn": ref("CertificateArn"),
            "MinimumProtocolVersion": "TLSv1.2_2021",
            "SslSupportMethod": "sni-only",
        },
        "Origins": _origins(),
        # A bucket that may not be listed says 403 of what is not there; then Reflex says it nicely.
        "OriginGroups": {"Quantity": 1, "Items": [_files_else_ui()]},
        "CacheBehaviors": [
            # Before its service, whose pattern it matches too.
            _passed(LIVE, "live", function="LiveFunction"),
            *(_passed(f"/{name}/v1/*", "services") for name in SERVICES),
            *(_passed(path, "ui") for path in PAGES),
        ],
        "DefaultCacheBehavior": _pages(),
    }


def _pages() -> Json:
    return {
        "TargetOriginId": "pages",
        "ViewerProtocolPolicy": "redirect-to-https",
        "Compress": True,
        "CachePolicyId": _CACHED,
        "ResponseHeadersPolicyId": att("Headers", "Id"),
        "FunctionAssociations": [_at_request("PageFunction")],
    }


def _origins() -> list[Json]:
    files = {
        "Id": "files",
        "DomainName": att("Files", "RegionalDomainName"),
        "OriginAccessControlId": att("FilesAccess", "Id"),
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    others = {"ui": "UiDomain", "services": "ServicesDomain", "live": "LiveDomain"}
    return [files, *(_origin(name, parameter) for name, parameter in others.items())]


def _files_else_ui() -> Json:
    return {
        "Id": "pages",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 2, "Items": [403, 404]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": "files"}, {"OriginId": "ui"}]},
    }


def _origin(name: str, parameter: str) -> Json:
    config = {
        "OriginProtocolPolicy": "https-only",
        "OriginSSLProtocols": ["TLSv1.2"],
        "OriginReadTimeout": 30,
        "OriginKeepaliveTimeout": 30,
    }
    return {"Id": name, "DomainName": ref(parameter), "CustomOriginConfig": config}


def _passed(path: str, origin: str, function: str = "") -> Json:
    """A path whose requests are passed on as they are. Services say nothing that may be kept."""
    extra = {"FunctionAssociations": [_at_request(function)]} if function else {}
    return {
        "PathPattern": path,
        "TargetOriginId": origin,
        "ViewerProtocolPolicy": "https-only",
        "AllowedMethods": _EVERY_METHOD,
        "CachePolicyId": _UNCACHED,
        "OriginRequestPolicyId": _ALL_BUT_HOST,
        **extra,
    }


def _at_request(function: str) -> Json:
    return {"EventType": "viewer-request", "FunctionARN": att(function, "FunctionARN")}
