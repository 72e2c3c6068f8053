"""Partition indexes, security configurations and encryption settings: kept and told."""

from typing import Any

from s3_sandbox import code_of

KEYS = [{"Name": "Year", "Type": "int"}, {"Name": "day", "Type": "string"}]
EVENTS = {"DatabaseName": "db", "TableName": "Events"}


def make_table(glue: Any, **more: Any) -> None:
    glue.create_table(DatabaseName="db", TableInput={"Name": "Events", "PartitionKeys": KEYS}, **more)


def test_an_index_names_partition_keys(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "db"})
    make_table(glue, PartitionIndexes=[{"IndexName": "by_year", "Keys": ["Year"]}])
    glue.create_partition_index(**EVENTS, PartitionIndex={"IndexName": "both", "Keys": ["year", "day"]})
    told = glue.get_partition_indexes(**EVENTS)["PartitionIndexDescriptorList"]
    assert [(one["IndexName"], one["IndexStatus"]) for one in told] == [("by_year", "ACTIVE"), ("both", "ACTIVE")]
    assert told[1]["Keys"] == [{"Name": "year", "Type": "int"}, {"Name": "day", "Type": "string"}]
    create = glue.create_partition_index
    assert code_of(create, **EVENTS, PartitionIndex={"IndexName": "both", "Keys": ["day"]}) == "AlreadyExistsException"
    assert code_of(create, **EVENTS, PartitionIndex={"IndexName": "x", "Keys": ["id"]}) == "InvalidInputException"
    create(**EVENTS, PartitionIndex={"IndexName": "third", "Keys": ["day"]})
    fourth = {"IndexName": "fourth", "Keys": ["day"]}
    assert code_of(create, **EVENTS, PartitionIndex=fourth) == "ResourceNumberLimitExceededException"
    glue.delete_partition_index(**EVENTS, IndexName="both")
    assert code_of(glue.delete_partition_index, **EVENTS, IndexName="both") == "EntityNotFoundException"
    left = glue.get_partition_indexes(**EVENTS)["PartitionIndexDescriptorList"]
    assert [one["IndexName"] for one in left] == ["by_year", "third"]


def test_a_new_table_has_no_old_indexes(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "db"})
    make_table(glue, PartitionIndexes=[{"IndexName": "by_year", "Keys": ["year"]}])
    glue.delete_table(DatabaseName="db", Name="events")
    assert code_of(glue.get_partition_indexes, **EVENTS) == "EntityNotFoundException"
    make_table(glue)
    assert glue.get_partition_indexes(**EVENTS)["PartitionIndexDescriptorList"] == []


def test_security_configurations_are_kept(glue: Any) -> None:
    encryption = {"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]}
    glue.create_security_configuration(Name="sec", EncryptionConfiguration=encryption)
    told = glue.get_security_configuration(Name="sec")["SecurityConfiguration"]
    assert told["EncryptionConfiguration"] == encryption
    assert [one["Name"] for one in glue.get_security_configurations()["SecurityConfigurations"]] == ["sec"]
    again = {"Name": "sec", "EncryptionConfiguration": encryption}
    assert code_of(glue.create_security_configuration, **again) == "AlreadyExistsException"
    glue.delete_security_configuration(Name="sec")
    for call in (glue.get_security_configuration, glue.delete_security_configuration):
        assert code_of(call, Name="sec") == "EntityNotFoundException"


def test_encryption_settings_are_off_until_they_are_put(glue: Any) -> None:
    def told() -> Any:
        return glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]

    assert told()["EncryptionAtRest"] == {"CatalogEncryptionMode": "DISABLED"}
    at_rest = {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "key"}
    glue.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings={"EncryptionAtRest": at_rest})
    assert told()["EncryptionAtRest"] == at_rest
    assert told()["ConnectionPasswordEncryption"] == {"ReturnConnectionPasswordEncrypted": False}
