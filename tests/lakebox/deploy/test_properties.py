"""Every property that CloudFormation has for our types goes into the API's request. cfn-lint's schemas say which."""

from collections.abc import Mapping
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from lakebox.deploy.api import create_shape
from lakebox.deploy.coerce import coerced
from lakebox.deploy.kinds import KINDS

NOT_IN_THE_API = {  # what CloudFormation alone knows
    "AWS::Athena::DataCatalog": ["ConnectionType"],
    "AWS::Athena::WorkGroup": [
        "Configuration.RemoveBytesScannedCutoffPerQuery",
        "Configuration.RemoveCustomerContentEncryptionConfiguration",
        "Configuration.ResultConfigurationUpdates",
    ],
    "AWS::IAM::Role": ["ManagedPolicyArns", "Policies"],  # requests of their own, which a sandbox needs not
}
SAMPLES: Mapping[str, Any] = {"integer": 1, "number": 1, "boolean": True, "string": "x"}


def sample(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """A value with all properties of a schema."""
    if "$ref" in schema:
        found: Any = root
        for part in schema["$ref"].split("/")[1:]:
            found = found[part]
        return sample(found, root)
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else next((name for name in kinds if name != "string"), "string")
    if kind == "object":
        return {name: sample(member, root) for name, member in schema.get("properties", {"any": {}}).items()}
    if kind == "array":
        return [sample(schema.get("items", {}), root)]
    return schema["enum"][0] if "enum" in schema else SAMPLES[kind]


@pytest.mark.parametrize("type_name", sorted(name for name in KINDS if name != "AWS::S3::Bucket"))
def test_all_properties_reach_the_api(type_name: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_name).schema
    read_only = {path.removeprefix("/properties/") for path in schema.get("readOnlyProperties", [])}
    names = set(schema["properties"]) - read_only
    properties = {name: sample(schema["properties"][name], schema) for name in names}
    unknown: list[str] = []
    given = {name: value for name, value in KINDS[type_name].request(properties).items() if name != "CatalogId"}
    coerced(create_shape(KINDS[type_name]), given, "", unknown)
    assert sorted(unknown) == NOT_IN_THE_API.get(type_name, [])
