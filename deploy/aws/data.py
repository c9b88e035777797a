"""PostgreSQL and Redis for a house, in subnets that nothing outside can reach, and its bucket."""

from deploy.aws.language import MEDIA, Json, att, document, outputs, ref, resource, shared, sub

PARAMETERS: Json = {
    "MaxCapacity": {
        "Type": "Number",
        "Default": 4,
        "Description": "Of Aurora Serverless, in units of 2 GiB; it begins with a half",
    },
    "RedisNodeType": {"Type": "String", "Default": "cache.t4g.small"},
    "PublicOrigin": {
        "Type": "String",
        "Description": "https://chat.example.org, whose pages bring and show files",
    },
    "KeyId": {"Type": "String", "Description": "KMS key that everything at rest is sealed with"},
}
BACKUP_DAYS = 14
ABANDONED_DAYS = 1
"""After this S3 drops by itself what was put and never finished, should nobody else have."""


def data() -> Json:
    """The template."""
    given = {
        "DatabaseHost": att("Database", "Endpoint.Address"),
        "RedisHost": att("Redis", "PrimaryEndPoint.Address"),
        "MediaBucket": ref("Media"),
    }
    resources = _postgres() | _redis() | {"Media": _media()}
    return document("the data of a house", PARAMETERS, resources, Outputs=outputs(given))


def _subnets() -> Json:
    return {"Fn::Split": [",", shared("PrivateSubnets")]}


def _postgres() -> Json:
    cluster = resource(
        "AWS::RDS::DBCluster",
        {
            "Engine": "aurora-postgresql",
            "EngineVersion": "17.7",
            "MasterUsername": "owner",
            # AWS makes the password, keeps it as a secret, and changes it by itself.
            "ManageMasterUserPassword": True,
            "DBSubnetGroupName": ref("DatabaseSubnets"),
            "VpcSecurityGroupIds": [shared("DataGroup")],
            "ServerlessV2ScalingConfiguration": {
                "MinCapacity": 0.5,
                "MaxCapacity": ref("MaxCapacity"),
            },
            "StorageEncrypted": True,
            "KmsKeyId": ref("KeyId"),
            "BackupRetentionPeriod": BACKUP_DAYS,
            "CopyTagsToSnapshot": True,
            "DeletionProtection": True,
            "EnableIAMDatabaseAuthentication": False,
            "EnableCloudwatchLogsExports": ["postgresql"],
        },
        DeletionPolicy="Snapshot",
        UpdateReplacePolicy="Snapshot",
    )
    found: Json = {
        "DatabaseSubnets": resource(
            "AWS::RDS::DBSubnetGroup",
            {"DBSubnetGroupDescription": "The house's data", "SubnetIds": _subnets()},
        ),
        "Database": cluster,
    }
    for name in ("Writer", "Reserve"):
        found[name] = resource(
            "AWS::RDS::DBInstance",
            {
                "DBClusterIdentifier": ref("Database"),
                "DBInstanceClass": "db.serverless",
                "Engine": "aurora-postgresql",
                "PubliclyAccessible": False,
                "AutoMinorVersionUpgrade": True,
            },
        )
    return found


def _redis() -> Json:
    return {
        "RedisSubnets": resource(
            "AWS::ElastiCache::SubnetGroup",
            {"Description": "The house's data", "SubnetIds": _subnets()},
        ),
        "Redis": resource(
            "AWS::ElastiCache::ReplicationGroup",
            {
                "ReplicationGroupDescription": sub("${House}"),
                "Engine": "redis",
                "EngineVersion": "7.1",
                "CacheNodeType": ref("RedisNodeType"),
                "NumCacheClusters": 2,
                "AutomaticFailoverEnabled": True,
                "MultiAZEnabled": True,
                "CacheSubnetGroupName": ref("RedisSubnets"),
                "SecurityGroupIds": [shared("DataGroup")],
                "AtRestEncryptionEnabled": True,
                "KmsKeyId": ref("KeyId"),
                "TransitEncryptionEnabled": True,
                "AuthToken": sub("{{resolve:secretsmanager:${House}/redis-password}}"),
            },
            DeletionPolicy="Delete",  # whatever must last is in PostgreSQL
            UpdateReplacePolicy="Delete",
        ),
    }


def _media() -> Json:
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    sealed = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    abandoned = {
        "Id": "abandoned",
        "Status": "Enabled",
        "Prefix": "incoming/",
        "ExpirationInDays": ABANDONED_DAYS,
    }
    # Whoever has a signed address is let in; this only lets a page of ours use one.
    ours = {
        "AllowedOrigins": [ref("PublicOrigin")],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedHeaders": ["content-type"],
        "MaxAge": 3600,
    }
    return resource(
        "AWS::S3::Bucket",
        {
            "BucketName": sub(MEDIA),
            "PublicAccessBlockConfiguration": dict.fromkeys(closed, True),
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [sealed]},
            "CorsConfiguration": {"CorsRules": [ours]},
            "LifecycleConfiguration": {"Rules": [abandoned]},
        },
        Metadata={
            "checkov": {
                "skip": [{"id": "CKV_AWS_21", "comment": "What somebody deletes is deleted."}]
            }
        },
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
    )
