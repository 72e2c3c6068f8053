"""The types of resources that lakebox makes, and where their properties differ from the requests of the API.

A property that has the name of a request's member goes into it as it is; this table has the rest.
Source: AWS CloudFormation, "Template reference" of Glue, Athena, S3 and IAM, and botocore's models.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lakebox.glue.template.document import Value

Properties = dict[str, Value]
Parts = Mapping[str, Value]
ANY = "*"  # in the path of a name: the one object among the properties


def _same(properties: Properties) -> Properties:
    return properties


def _by_name(*members: str) -> Callable[[Parts, str], Properties]:
    """What names a resource in requests, where all that is needed is its name."""
    return lambda _, name: dict.fromkeys(members, name)


@dataclass(frozen=True)
class Kind:
    """How resources of a type are made by an API.

    noun: as in the operations CreateJob, UpdateJob, DeleteJob, GetJob
    name: the path of the property that names it; empty where the service gives an id, as the answer's `answer` has it
    request: properties -> the members of the create request
    update: properties -> members that the update request has besides those of the create request
    identity: create request, name -> the members by which update, delete and get requests name it
    fixed: members of the create request that no update can change: the resource is made anew
    arn: what an ARN ends in, `{}` being the name
    """

    service: str
    noun: str
    rank: int
    name: tuple[str, ...] = ("Name",)
    answer: str = ""
    request: Callable[[Properties], Properties] = _same
    update: Callable[[Properties], Properties] = lambda _: {}
    identity: Callable[[Parts, str], Properties] = lambda _, name: {"Name": name}
    fixed: tuple[str, ...] = ()
    arn: str = ""
    underscores: bool = False


def _database(properties: Properties) -> Properties:
    """DatabaseName, the newer property, wins over the input's Name."""
    given = dict(properties.get("DatabaseInput") or {})
    name = properties.get("DatabaseName")
    return {"DatabaseInput": given | ({"Name": name} if name else {}), "Tags": _map(properties.get("Tags"))}


def _table(properties: Properties) -> Properties:
    """Name, the newer property, may stand for the input's; the API calls the Iceberg input CreateIcebergTableInput."""
    request = dict(properties)
    name = request.pop("Name", None)
    request["TableInput"] = ({"Name": name} if name else {}) | dict(properties.get("TableInput") or {})
    iceberg = (properties.get("OpenTableFormatInput") or {}).get("IcebergInput")
    if isinstance(iceberg, dict):
        renamed = _renamed(iceberg, IcebergTableInput="CreateIcebergTableInput")
        request["OpenTableFormatInput"] = {"IcebergInput": renamed}
    return request


def _partition_identity(request: Parts, _: str) -> Properties:
    values = (request.get("PartitionInput") or {}).get("Values", "")
    table = {name: request.get(name, "") for name in ("DatabaseName", "TableName")}
    return table | {"PartitionValues": values, "PartitionValueList": values}


def _connection(properties: Properties) -> Properties:
    return {"ConnectionInput": properties.get("ConnectionInput", {}), "Tags": _map(properties.get("Tags"))}


def _tagged(properties: Properties) -> Properties:
    """Glue's tags are a map; templates have them as one, or as a list of Key and Value."""
    return {**properties, "Tags": _map(properties.get("Tags"))}


def _job(properties: Properties) -> Properties:
    """Of two sizes that exclude each other, the workers hold: exported templates have both."""
    if "WorkerType" in properties and "NumberOfWorkers" in properties:
        capacities = ("MaxCapacity", "AllocatedCapacity")
        properties = {name: value for name, value in properties.items() if name not in capacities}
    elif "MaxCapacity" in properties:
        properties = {name: value for name, value in properties.items() if name != "AllocatedCapacity"}
    return _tagged(properties)


def _crawler(properties: Properties) -> Properties:
    schedule = properties.get("Schedule")
    if isinstance(schedule, dict):
        properties = {**properties, "Schedule": schedule.get("ScheduleExpression", "")}
    return _tagged(properties)


def _classifier(properties: Properties) -> Properties:
    """The API calls a CSV classifier's list of types CustomDatatypes."""
    csv = properties.get("CsvClassifier")
    if isinstance(csv, dict) and "ContainsCustomDatatype" in csv:
        types = {"CustomDatatypes": csv["ContainsCustomDatatype"]}
        rest = {name: value for name, value in csv.items() if name != "ContainsCustomDatatype"}
        return {**properties, "CsvClassifier": rest | types}
    return properties


def _trigger(properties: Properties) -> Properties:
    """Triggers are started on creation where they say so; one on demand can't be."""
    if properties.get("Type") == "ON_DEMAND":
        properties = {name: value for name, value in properties.items() if name != "StartOnCreation"}
    return _tagged(properties)


def _ruleset(properties: Properties) -> Properties:
    return _tagged({name: value for name, value in properties.items() if name != "ClientToken"})


def _work_group(properties: Properties) -> Properties:
    """The updates of an older property hold over the configuration."""
    configuration = dict(properties.get("WorkGroupConfiguration") or {})
    configuration |= properties.get("WorkGroupConfigurationUpdates") or {}
    renamed = {name: value for name, value in properties.items() if not name.startswith("WorkGroupConfiguration")}
    return {name: value for name, value in renamed.items() if name not in ("RecursiveDeleteOption", "State")} | {
        "Configuration": configuration
    }


def _work_group_updates(properties: Properties) -> Properties:
    """The same configuration as an update: what it does not name any more is removed."""
    configuration = dict(_work_group(properties)["Configuration"])
    result = configuration.pop("ResultConfiguration", {})
    updates = {f"Remove{name}": True for name in ("OutputLocation", "EncryptionConfiguration") if name not in result}
    if "BytesScannedCutoffPerQuery" not in configuration:
        configuration["RemoveBytesScannedCutoffPerQuery"] = True
    return {
        "ConfigurationUpdates": configuration | {"ResultConfigurationUpdates": result | updates},
        "State": properties.get("State", "ENABLED"),
    }


def _data_catalog(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if name not in ("Status", "Error")}


def _map(tags: Value) -> dict[str, Value]:
    if isinstance(tags, list):
        return {str(tag["Key"]): tag["Value"] for tag in tags}
    return dict(tags or {})


KINDS: Mapping[str, Kind] = {
    "AWS::S3::Bucket": Kind("s3", "Bucket", 0, name=("BucketName",), identity=_by_name("Bucket")),
    "AWS::IAM::Role": Kind(
        "iam",
        "Role",
        0,
        name=("RoleName",),
        identity=_by_name("RoleName"),
        fixed=("AssumeRolePolicyDocument", "Path", "PermissionsBoundary", "Tags"),
    ),
    "AWS::Glue::Database": Kind(
        "glue", "Database", 1, name=("DatabaseInput", "Name"), request=_database, arn="database/{}", underscores=True
    ),
    "AWS::Glue::Table": Kind(
        "glue",
        "Table",
        2,
        name=("TableInput", "Name"),
        request=_table,
        identity=lambda request, name: {"DatabaseName": request.get("DatabaseName", ""), "Name": name},
        arn="table/{}",
        underscores=True,
    ),
    "AWS::Glue::Partition": Kind(
        "glue",
        "Partition",
        3,
        name=(),
        identity=_partition_identity,
    ),
    "AWS::Glue::Connection": Kind(
        "glue",
        "Connection",
        1,
        name=("ConnectionInput", "Name"),
        request=_connection,
        identity=_by_name("Name", "ConnectionName"),
        arn="connection/{}",
    ),
    "AWS::Glue::Classifier": Kind("glue", "Classifier", 1, name=(ANY, "Name"), request=_classifier),
    "AWS::Glue::SecurityConfiguration": Kind(
        "glue",
        "SecurityConfiguration",
        1,
        request=lambda properties: {
            "Name": properties.get("Name"),
            "EncryptionConfiguration": _renamed(
                properties.get("EncryptionConfiguration") or {}, S3Encryptions="S3Encryption"
            ),
        },
        fixed=("EncryptionConfiguration",),
    ),
    "AWS::Glue::Job": Kind("glue", "Job", 4, request=_job, identity=_by_name("JobName"), arn="job/{}"),
    "AWS::Glue::Crawler": Kind("glue", "Crawler", 4, request=_crawler, arn="crawler/{}"),
    "AWS::Glue::DataQualityRuleset": Kind(
        "glue", "DataQualityRuleset", 4, request=_ruleset, fixed=("TargetTable",), arn="dataQualityRuleset/{}"
    ),
    "AWS::Glue::Workflow": Kind("glue", "Workflow", 5, request=_tagged, arn="workflow/{}"),
    "AWS::Glue::Trigger": Kind(
        "glue", "Trigger", 6, request=_trigger, fixed=("Type", "WorkflowName"), arn="trigger/{}"
    ),
    "AWS::Athena::WorkGroup": Kind(
        "athena",
        "WorkGroup",
        4,
        request=_work_group,
        update=_work_group_updates,
        identity=_by_name("WorkGroup"),
        arn="workgroup/{}",
    ),
    "AWS::Athena::DataCatalog": Kind("athena", "DataCatalog", 4, request=_data_catalog, arn="datacatalog/{}"),
    "AWS::Athena::NamedQuery": Kind(
        "athena",
        "NamedQuery",
        5,
        name=(),
        answer="NamedQueryId",
        identity=_by_name("NamedQueryId"),
        fixed=("Database", "WorkGroup"),
    ),
    "AWS::Athena::PreparedStatement": Kind(
        "athena",
        "PreparedStatement",
        5,
        name=("StatementName",),
        identity=lambda request, name: {"StatementName": name, "WorkGroup": request.get("WorkGroup", "")},
    ),
}


def _renamed(properties: Properties, **names: str) -> Properties:
    return {names.get(name, name): value for name, value in properties.items()}


def rank(type_name: str) -> int:
    """The place of a type among those that don't refer to each other: what others name by text comes first."""
    return KINDS[type_name].rank if type_name in KINDS else 0
