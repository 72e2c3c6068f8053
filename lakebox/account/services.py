"""The services of the account: STS, IAM and CloudWatch Logs, as far as projects of Glue jobs define and ask them."""

from collections.abc import Mapping
from typing import Any

from lakebox.account.log_groups import LogGroups
from lakebox.account.policies import Policies
from lakebox.account.role_policies import RolePolicies
from lakebox.account.roles import Roles
from lakebox.endpoint.service import ACCOUNT, USER_ARN, Service
from lakebox.glue.data_catalog.documents import Documents


def account_services(documents: Documents) -> Mapping[str, Service]:
    """By boto3's names. Roles and policies allow and forbid nothing here: every job may do what the user may do."""
    return {
        "sts": {"GetCallerIdentity": _caller},
        "iam": {
            **Roles(documents).operations(),
            **RolePolicies(documents).operations(),
            **Policies(documents).operations(),
        },
        "logs": LogGroups(documents).operations(),
    }


def _caller(_: dict[str, Any]) -> dict[str, Any]:
    return {"Arn": USER_ARN, "UserId": "lakebox", "Account": ACCOUNT}
