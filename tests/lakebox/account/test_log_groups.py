"""Log groups through boto3."""

from collections.abc import Callable
from typing import Any

from s3_sandbox import code_of


def test_a_log_group_is_told_as_it_was_made(client: Callable[[str], Any]) -> None:
    logs = client("logs")
    for name in ("/glue/b", "/glue/a", "/other"):
        logs.create_log_group(logGroupName=name, tags={"team": "data"})
    assert code_of(logs.create_log_group, logGroupName="/other") == "ResourceAlreadyExistsException"
    logs.put_retention_policy(logGroupName="/glue/a", retentionInDays=14)
    groups = logs.describe_log_groups(logGroupNamePrefix="/glue")["logGroups"]
    assert [(one["logGroupName"], one.get("retentionInDays")) for one in groups] == [("/glue/a", 14), ("/glue/b", None)]
    arn = groups[0]["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"more": "1"})
    logs.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"more": "1"}
    logs.delete_retention_policy(logGroupName="/glue/a")
    first = logs.describe_log_groups(limit=2)
    second = logs.describe_log_groups(nextToken=first["nextToken"])
    names = [one["logGroupName"] for one in first["logGroups"] + second["logGroups"]]
    assert names == ["/glue/a", "/glue/b", "/other"]
    logs.delete_log_group(logGroupName="/other")
    for call in (logs.delete_log_group, logs.delete_retention_policy):
        assert code_of(call, logGroupName="/other") == "ResourceNotFoundException"
