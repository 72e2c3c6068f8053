"""What refers to resources: those that are made, and stand-ins for those that AWS alone has."""

import pytest
from template_scope import scope_of

from lakebox.deploy.identities import generated_name, made_identity, stand_in
from lakebox.deploy.kinds import KINDS
from lakebox.glue.template.scope import UnavailableError

TEMPLATE = """
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: glue-role}}
  Topic: {Type: AWS::SNS::Topic}
  Key: {Type: AWS::KMS::Key}
  Function: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Ref Nobody}}
  Machine: {Type: AWS::StepFunctions::StateMachine, Properties: {StateMachineName: m}}
  Group: {Type: AWS::EC2::SecurityGroup}
  Stack: {Type: AWS::CloudFormation::Stack}
  Custom: {Type: Custom::Thing}
"""


@pytest.mark.parametrize(
    ("logical_id", "ref", "arn"),
    [
        ("Role", "glue-role", "arn:aws:iam::000000000000:role/glue-role"),
        (
            "Topic",
            "arn:aws:sns:us-east-1:000000000000:shop-Topic",
            "arn:aws:sns:us-east-1:000000000000:shop-Topic",
        ),
        ("Key", "shop-Key", "arn:aws:kms:us-east-1:000000000000:key/shop-Key"),
        ("Function", "shop-Function", "arn:aws:lambda:us-east-1:000000000000:function:shop-Function"),
        (
            "Machine",
            "arn:aws:states:us-east-1:000000000000:stateMachine:m",
            "arn:aws:states:us-east-1:000000000000:stateMachine:m",
        ),
    ],
)
def test_what_is_left_out_has_a_name_and_an_arn(logical_id: str, ref: str, arn: str) -> None:
    scope = scope_of(TEMPLATE)
    scope.resources[logical_id] = stand_in(logical_id, scope, "")
    assert (scope.ref(logical_id), scope.attribute(logical_id, "Arn")) == (ref, arn)


def test_ids_stand_in_and_addresses_do_not() -> None:
    scope = scope_of(TEMPLATE)
    for logical_id in ("Group", "Stack", "Custom"):
        scope.resources[logical_id] = stand_in(logical_id, scope, "which lakebox does not make")
    assert scope.attribute("Group", "GroupId") == "shop-Group"
    for logical_id, attribute in (("Group", "Address"), ("Stack", "Outputs.BucketName"), ("Custom", "Name")):
        with pytest.raises(UnavailableError, match="which lakebox does not make"):
            scope.attribute(logical_id, attribute)


def test_a_made_bucket_has_s3s_attributes() -> None:
    identity = made_identity(KINDS["AWS::S3::Bucket"], "data", scope_of().account, {})
    assert (identity.ref, identity.attributes["Arn"]) == ("data", "arn:aws:s3:::data")
    assert identity.attributes["RegionalDomainName"] == "data.s3.us-east-1.amazonaws.com"


def test_a_made_job_has_its_arn() -> None:
    identity = made_identity(KINDS["AWS::Glue::Job"], "etl", scope_of().account, {})
    assert identity.attributes["Arn"] == "arn:aws:glue:us-east-1:000000000000:job/etl"


def test_long_names_fit_into_buckets() -> None:
    name = generated_name(KINDS["AWS::S3::Bucket"], "a-very-long-stack-name" * 3, "AndALogicalId")
    assert len(name) <= 63
    assert name == generated_name(KINDS["AWS::S3::Bucket"], "a-very-long-stack-name" * 3, "AndALogicalId")
    assert name != generated_name(KINDS["AWS::S3::Bucket"], "a-very-long-stack-name" * 3, "AnotherId")
