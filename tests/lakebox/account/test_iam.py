"""Roles and policies through boto3, in the query protocol: what is put is told, what is in use is not deleted."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from s3_sandbox import code_of

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole & <more>"}]}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"}]}
OTHER = {"Version": "2012-10-17", "Statement": []}
SERVICE_ROLE = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"


@pytest.fixture
def role(iam: Any) -> dict[str, Any]:
    tags = [{"Key": "team", "Value": "data"}, {"Key": "empty", "Value": ""}]
    made = iam.create_role(RoleName="etl", Path="/jobs/", AssumeRolePolicyDocument=json.dumps(TRUST), Tags=tags)
    return dict(made["Role"])


@pytest.fixture
def policy(iam: Any) -> str:
    return str(iam.create_policy(PolicyName="s3", PolicyDocument=json.dumps(POLICY))["Policy"]["Arn"])


def test_the_caller_is_the_sandboxs_user(client: Callable[[str], Any]) -> None:
    identity = client("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == ("000000000000", "arn:aws:iam::000000000000:user/lakebox")
    assert code_of(client("sts").get_session_token) == "NotImplementedException"


def test_a_role_is_told_as_it_was_made(iam: Any, role: dict[str, Any]) -> None:
    found = iam.get_role(RoleName="etl")["Role"]
    assert found == role
    assert found["Arn"] == "arn:aws:iam::000000000000:role/jobs/etl"
    assert (found["AssumeRolePolicyDocument"], found["MaxSessionDuration"]) == (TRUST, 3600)
    assert [one["RoleName"] for one in iam.list_roles(PathPrefix="/jobs/")["Roles"]] == ["etl"]
    assert iam.list_roles(PathPrefix="/other/")["Roles"] == []
    assert iam.list_instance_profiles_for_role(RoleName="etl")["InstanceProfiles"] == []
    assert code_of(iam.create_role, RoleName="etl", AssumeRolePolicyDocument="{}") == "EntityAlreadyExists"


def test_a_role_can_be_changed(iam: Any, role: dict[str, Any]) -> None:
    iam.update_role(RoleName="etl", Description="new", MaxSessionDuration=7200)
    iam.update_assume_role_policy(RoleName="etl", PolicyDocument=json.dumps(OTHER))
    iam.put_role_permissions_boundary(RoleName="etl", PermissionsBoundary=SERVICE_ROLE)
    iam.tag_role(RoleName="etl", Tags=[{"Key": "team", "Value": "ml"}])
    iam.untag_role(RoleName="etl", TagKeys=["empty"])
    found = iam.get_role(RoleName="etl")["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("new", 7200)
    assert found["AssumeRolePolicyDocument"] == OTHER
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == SERVICE_ROLE
    assert iam.list_role_tags(RoleName="etl")["Tags"] == [{"Key": "team", "Value": "ml"}]
    iam.delete_role_permissions_boundary(RoleName="etl")
    described = iam.update_role_description(RoleName="etl", Description="newer")["Role"]
    assert ("PermissionsBoundary" in described, described["Description"]) == (False, "newer")


def test_a_role_holds_policies_of_its_own(iam: Any, role: dict[str, Any]) -> None:
    iam.put_role_policy(RoleName="etl", PolicyName="inline", PolicyDocument=json.dumps(POLICY))
    assert iam.list_role_policies(RoleName="etl")["PolicyNames"] == ["inline"]
    assert iam.get_role_policy(RoleName="etl", PolicyName="inline")["PolicyDocument"] == POLICY
    assert code_of(iam.delete_role, RoleName="etl") == "DeleteConflict"
    iam.delete_role_policy(RoleName="etl", PolicyName="inline")
    assert code_of(iam.get_role_policy, RoleName="etl", PolicyName="inline") == "NoSuchEntity"
    assert code_of(iam.delete_role_policy, RoleName="etl", PolicyName="inline") == "NoSuchEntity"
    iam.delete_role(RoleName="etl")
    for call in (iam.get_role, iam.delete_role, iam.list_attached_role_policies, iam.list_role_policies):
        assert code_of(call, RoleName="etl") == "NoSuchEntity"


def test_policies_are_attached_by_arn(iam: Any, role: dict[str, Any], policy: str) -> None:
    for arn in (SERVICE_ROLE, policy, policy):
        iam.attach_role_policy(RoleName="etl", PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName="etl")["AttachedPolicies"]
    assert [one["PolicyName"] for one in attached] == ["AWSGlueServiceRole", "s3"]
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 1
    assert [one["RoleName"] for one in iam.list_entities_for_policy(PolicyArn=policy)["PolicyRoles"]] == ["etl"]
    assert code_of(iam.delete_role, RoleName="etl") == "DeleteConflict"
    assert code_of(iam.delete_policy, PolicyArn=policy) == "DeleteConflict"
    assert code_of(iam.attach_role_policy, RoleName="etl", PolicyArn=f"{policy}-not") == "NoSuchEntity"
    for arn in (SERVICE_ROLE, policy):
        iam.detach_role_policy(RoleName="etl", PolicyArn=arn)
    assert code_of(iam.detach_role_policy, RoleName="etl", PolicyArn=policy) == "NoSuchEntity"
    iam.delete_policy(PolicyArn=policy)
    assert code_of(iam.get_policy, PolicyArn=policy) == "NoSuchEntity"


def test_a_policy_has_five_versions_at_most(iam: Any, policy: str) -> None:
    assert code_of(iam.create_policy, PolicyName="s3", PolicyDocument="{}") == "EntityAlreadyExists"
    arguments = {"PolicyArn": policy, "PolicyDocument": json.dumps(OTHER)}
    made = [iam.create_policy_version(SetAsDefault=True, **arguments)["PolicyVersion"] for _ in range(4)]
    assert [version["VersionId"] for version in made] == ["v2", "v3", "v4", "v5"]
    assert code_of(iam.create_policy_version, **arguments) == "LimitExceeded"
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v5"
    assert iam.get_policy_version(PolicyArn=policy, VersionId="v1")["PolicyVersion"]["Document"] == POLICY
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v1")
    assert code_of(iam.delete_policy_version, PolicyArn=policy, VersionId="v1") == "DeleteConflict"
    assert code_of(iam.delete_policy, PolicyArn=policy) == "DeleteConflict"
    for version in made:
        iam.delete_policy_version(PolicyArn=policy, VersionId=version["VersionId"])
    assert code_of(iam.get_policy_version, PolicyArn=policy, VersionId="v5") == "NoSuchEntity"
    left = iam.list_policy_versions(PolicyArn=policy)["Versions"]
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in left] == [("v1", True)]
    assert iam.create_policy_version(**arguments)["PolicyVersion"]["VersionId"] == "v6"


def test_policies_are_listed_by_scope(iam: Any, role: dict[str, Any], policy: str) -> None:
    iam.attach_role_policy(RoleName="etl", PolicyArn=SERVICE_ROLE)
    iam.tag_policy(PolicyArn=policy, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_policy(PolicyArn=policy, TagKeys=["a"])
    assert iam.list_policy_tags(PolicyArn=policy)["Tags"] == [{"Key": "b", "Value": "2"}]

    def names(**arguments: Any) -> list[str]:
        return [one["PolicyName"] for one in iam.list_policies(**arguments)["Policies"]]

    assert (names(), names(Scope="Local"), names(Scope="AWS")) == (
        ["s3", "AWSGlueServiceRole"], ["s3"], ["AWSGlueServiceRole"],
    )  # fmt: skip
    assert names(OnlyAttached=True) == names(PathPrefix="/service-role/") == ["AWSGlueServiceRole"]


def test_a_policy_of_awss_has_no_statements(iam: Any) -> None:
    found = iam.get_policy(PolicyArn=SERVICE_ROLE)["Policy"]
    assert (found["PolicyName"], found["Path"]) == ("AWSGlueServiceRole", "/service-role/")
    version = iam.get_policy_version(PolicyArn=SERVICE_ROLE, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    assert version["Document"] == OTHER


def test_wrong_requests_are_refused_by_name(iam: Any) -> None:
    assert code_of(iam.list_users) == "NotImplementedException"
    assert code_of(iam.create_role, RoleName="a b", AssumeRolePolicyDocument="{}") == "ValidationException"
