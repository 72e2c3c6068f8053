"""Stacks on the embedded target: made, changed, made smaller and taken away, with a line a resource."""

import json
import textwrap
from typing import Any

import pytest
from botocore.exceptions import ClientError
from deploy_sandbox import DeploySandbox

from lakebox.glue.template.document import TemplateError, template_of

SHOP = """
    Parameters:
      Stage: {Type: String, Default: dev}
    Resources:
      Data: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "shop-${Stage}"}}
      Sales: {Type: AWS::Glue::Database, Properties: {DatabaseInput: {Name: sales}, CatalogId: !Ref AWS::AccountId}}
      Role: {Type: AWS::IAM::Role, Properties: {RoleName: glue-role, AssumeRolePolicyDocument: {Statement: []}}}
      Etl:
        Type: AWS::Glue::Job
        Properties:
          Name: etl
          Role: !GetAtt Role.Arn
          GlueVersion: 4.0
          NumberOfWorkers: "2"
          WorkerType: G.1X
          Command: {Name: glueetl, ScriptLocation: !Sub "s3://${Data}/etl.py", PythonVersion: 3}
          DefaultArguments: {--enable-metrics: true, --TempDir: !Sub "s3://${Data}/tmp/", --flag: ""}
          Tags: {team: x}
    Outputs:
      Bucket: {Value: !Ref Data, Export: {Name: shop-bucket}}
"""
JOB = "{Type: AWS::Glue::Job, Properties: {Name: %s, Role: r, Command: {Name: %s, ScriptLocation: 's3://x/y.py'}}}"


def job(sandbox: DeploySandbox, name: str = "etl") -> Any:
    return sandbox.client("glue").get_job(JobName=name)["Job"]


def test_resources_are_made_as_the_template_says(sandbox: DeploySandbox) -> None:
    assert sandbox.deploy(SHOP) == {"Data": "made", "Role": "made", "Sales": "made", "Etl": "made"}
    made = job(sandbox)
    assert made["Role"] == "arn:aws:iam::000000000000:role/glue-role"
    assert made["Command"] == {"Name": "glueetl", "ScriptLocation": "s3://shop-dev/etl.py", "PythonVersion": "3"}
    assert made["DefaultArguments"] == {"--enable-metrics": "true", "--TempDir": "s3://shop-dev/tmp/", "--flag": ""}
    assert (made["GlueVersion"], made["NumberOfWorkers"]) == ("4.0", 2)


def test_code_finds_the_role_of_a_template(sandbox: DeploySandbox) -> None:
    text = """
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              Path: /glue/
              AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Action: sts:AssumeRole, Effect: Allow}]}
              ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole]
          Etl:
            Type: AWS::Glue::Job
            Properties: {Name: etl, Role: !GetAtt Role.Arn, Command: {Name: glueetl, ScriptLocation: "s3://x/y.py"}}
    """
    role, _ = sandbox.steps(text)
    assert (role.outcome, role.note) == ("made", "without ManagedPolicyArns")
    found = sandbox.client("iam").get_role(RoleName=role.name)["Role"]
    assert (found["Arn"], found["Path"]) == (job(sandbox)["Role"], "/glue/")
    assert found["AssumeRolePolicyDocument"]["Statement"][0]["Action"] == "sts:AssumeRole"
    assert sandbox.deploy(text.replace("sts:AssumeRole", "sts:TagSession")) == {"Role": "made anew", "Etl": "unchanged"}
    assert sandbox.deploy(text.replace("/glue/", "/etl/")) == {"Role": "made anew", "Etl": "updated"}


def test_a_second_deployment_changes_nothing(sandbox: DeploySandbox) -> None:
    sandbox.deploy(SHOP)
    before = job(sandbox)
    assert sandbox.deploy(SHOP) == {"Data": "unchanged", "Role": "unchanged", "Sales": "unchanged", "Etl": "unchanged"}
    assert job(sandbox) == before


def test_what_changed_is_updated(sandbox: DeploySandbox) -> None:
    sandbox.deploy(SHOP)
    created = job(sandbox)["CreatedOn"]
    changed = SHOP.replace("GlueVersion: 4.0", "GlueVersion: 5.1").replace("team: x", "cost: 1")
    assert sandbox.deploy(changed)["Etl"] == "updated"
    assert (job(sandbox)["GlueVersion"], job(sandbox)["CreatedOn"]) == ("5.1", created)
    arn = "arn:aws:glue:us-east-1:000000000000:job/etl"
    assert sandbox.client("glue").get_tags(ResourceArn=arn)["Tags"] == {"cost": "1"}


def test_what_the_template_has_no_more_is_removed(sandbox: DeploySandbox) -> None:
    sandbox.deploy(f"Resources: {{A: {JOB % ('a', 'glueetl')}, B: {JOB % ('b', 'glueetl')}}}")
    assert sandbox.deploy("Resources: {B: %s}" % (JOB % ("b", "glueetl"))) == {"B": "unchanged", "A": "removed"}
    assert sandbox.client("glue").list_jobs()["JobNames"] == ["b"]


def test_a_renamed_resource_takes_its_place(sandbox: DeploySandbox) -> None:
    sandbox.deploy("Resources: {A: %s}" % (JOB % ("a", "glueetl")))
    assert sandbox.deploy("Resources: {A: %s}" % (JOB % ("z", "glueetl"))) == {"A": "made"}
    assert sandbox.client("glue").list_jobs()["JobNames"] == ["z"]


def test_a_resource_of_another_type_takes_its_place(sandbox: DeploySandbox) -> None:
    sandbox.deploy("Resources: {A: %s}" % (JOB % ("a", "glueetl")))
    text = "Resources: {A: {Type: AWS::Glue::Database, Properties: {DatabaseInput: {Name: a}}}}"
    assert sandbox.deploy(text) == {"A": "made"}
    assert sandbox.client("glue").list_jobs()["JobNames"] == []


def test_what_others_deleted_is_made_again(sandbox: DeploySandbox) -> None:
    sandbox.deploy(SHOP)
    sandbox.client("glue").delete_job(JobName="etl")
    assert sandbox.deploy(SHOP)["Etl"] == "made"


def test_a_deleted_stack_leaves_nothing(sandbox: DeploySandbox) -> None:
    sandbox.deploy(SHOP)
    assert sandbox.delete() == dict.fromkeys(("Etl", "Sales", "Role", "Data"), "removed")
    assert sandbox.client("iam").list_roles()["Roles"] == []
    assert sandbox.client("s3").list_buckets()["Buckets"] == []
    assert sandbox.client("glue").list_jobs()["JobNames"] == []
    with pytest.raises(TemplateError, match="there is no stack shop here"):
        sandbox.delete()


def test_a_bucket_with_objects_stays(sandbox: DeploySandbox) -> None:
    sandbox.deploy("Resources: {A: {Type: AWS::S3::Bucket}, B: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}}")
    for bucket in sandbox.client("s3").list_buckets()["Buckets"][-2:]:
        sandbox.client("s3").put_object(Bucket=bucket["Name"], Key="x", Body=b"")
    assert sandbox.delete() == {"B": "kept", "A": "failed"}
    (left,) = sandbox.deployment().record.resources
    assert left.logical_id == "A"


def test_cdks_auto_delete_empties_the_bucket(sandbox: DeploySandbox) -> None:
    properties = "{BucketName: shop, Tags: [{Key: 'aws-cdk:auto-delete-objects', Value: 'true'}]}"
    sandbox.deploy(f"Resources: {{A: {{Type: AWS::S3::Bucket, Properties: {properties}}}}}")
    sandbox.client("s3").put_object(Bucket="shop", Key="x", Body=b"")
    assert sandbox.delete() == {"A": "removed"}


def test_names_of_ours_stay_the_same(sandbox: DeploySandbox) -> None:
    text = "Resources: {Raw: {Type: AWS::S3::Bucket}, Db: {Type: AWS::Glue::Database, Properties: {DatabaseInput: {}}}}"
    names = [[step.name for step in sandbox.steps(text)] for _ in range(2)]
    assert names == [["shop-raw-a3afb0a5", "shop_db_b013d250"]] * 2


def test_a_condition_decides_what_is_made(sandbox: DeploySandbox) -> None:
    text = """
        Parameters: {Stage: {Type: String, Default: dev}}
        Conditions: {IsProd: !Equals [!Ref Stage, prod]}
        Resources: {A: {Type: AWS::S3::Bucket, Condition: IsProd, Properties: {BucketName: prod}}}
        Outputs: {A: {Condition: IsProd, Value: !Ref A}}
    """
    assert sandbox.deploy(text) == {}
    assert sandbox.deploy(text, Stage="prod") == {"A": "made"}
    assert sandbox.deploy(text) == {"A": "removed"}


def test_outputs_and_exports_reach_other_stacks(sandbox: DeploySandbox) -> None:
    sandbox.deploy(SHOP)
    other = "Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub ['${B}-2', {B: !ImportValue %s}]}}}"
    assert sandbox.deployment().record.outputs == {"Bucket": "shop-dev"}
    assert sandbox.steps(other % "shop-bucket", "other")[0].name == "shop-dev-2"
    assert sandbox.steps(other % "no-bucket", "third")[0].outcome == "failed"


def test_another_stacks_resource_is_not_taken(sandbox: DeploySandbox) -> None:
    sandbox.deploy(SHOP)
    (step,) = sandbox.steps("Resources: {Mine: %s}" % (JOB % ("etl", "glueetl")), "other")
    assert step.note == "etl is the stack shop's; give it another name, or delete that stack"


def test_what_no_stack_made_becomes_this_ones(sandbox: DeploySandbox) -> None:
    command = {"Name": "glueetl", "ScriptLocation": "s3://a/b.py"}
    sandbox.client("glue").create_job(Name="etl", Role="old", Command=command)
    assert sandbox.deploy("Resources: {Mine: %s}" % (JOB % ("etl", "glueetl"))) == {"Mine": "updated"}
    assert job(sandbox)["Role"] == "r"


def test_what_lakebox_can_not_do_is_left_out(sandbox: DeploySandbox) -> None:
    (step,) = sandbox.steps("Resources: {A: %s}" % (JOB % ("a", "gluestreaming")))
    assert (step.outcome, "streaming and Ray jobs need AWS" in step.note) == ("left out", True)
    (step,) = sandbox.steps("Resources: {A: {Type: AWS::Athena::DataCatalog, Properties: {Name: x, Type: GLUE}}}", "b")
    assert (step.outcome, step.note) == ("left out", "lakebox does not have CreateDataCatalog")


def test_a_failed_resource_does_not_stop_others(sandbox: DeploySandbox) -> None:
    text = """
        Resources:
          Bad: {Type: AWS::Glue::Job, Properties: {Name: bad, Role: r, Command: {Name: nonsense}}}
          Wrong: {Type: AWS::Glue::Workflow, Properties: {Name: w, MaxConcurrentRuns: soon}}
          Good: {Type: AWS::S3::Bucket}
          Needs: {Type: AWS::Glue::Database, Properties: {DatabaseInput: {Name: d, Description: !Ref Bad}}}
          Server: {Type: AWS::RDS::DBInstance}
          Far: {Type: AWS::Glue::Database, Properties: {DatabaseInput: {Name: e, LocationUri: !GetAtt Server.Url}}}
    """
    steps = {step.logical_id: step for step in sandbox.steps(text)}
    assert {name: step.outcome for name, step in steps.items()} == {
        "Good": "made",
        "Server": "left out",
        "Far": "left out",
        "Bad": "left out",
        "Wrong": "failed",
        "Needs": "made",
    }
    assert steps["Far"].note == "it needs Server.Url of AWS::RDS::DBInstance, which lakebox does not make"


def test_a_wrong_value_fails_with_its_place(sandbox: DeploySandbox) -> None:
    text = "Resources: {A: {Type: AWS::Glue::Job, Properties: {Role: r, Timeout: soon, Command: {ScriptLocation: x}}}}"
    text = text.replace("ScriptLocation: x", "ScriptLocation: 's3://x/y.py'")
    (step,) = sandbox.steps(text)
    assert (step.outcome, step.note) == ("failed", "Timeout must be of type integer, not 'soon'")


def test_properties_that_are_not_kept_are_listed(sandbox: DeploySandbox) -> None:
    (step,) = sandbox.steps(
        "Resources: {A: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}}"
    )
    assert step.note == "without VersioningConfiguration"


def test_missing_parameters_are_named_at_once(sandbox: DeploySandbox) -> None:
    text = """
        Parameters: {A: {Type: String}, B: {Type: String}, VpcId: {Type: AWS::EC2::VPC::Id}}
        Resources:
          Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${A}-${B}"}}
          Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref VpcId}}
    """
    with pytest.raises(TemplateError, match=r"the template needs values: --parameter A=… --parameter B=…$"):
        sandbox.steps(text)
    assert sandbox.deploy(text, A="a", B="b") == {"Bucket": "made", "Group": "left out"}


def test_the_record_is_an_object_for_anyone(sandbox: DeploySandbox) -> None:
    sandbox.deploy(SHOP)
    body = sandbox.client("s3").get_object(Bucket="lakebox-stacks", Key="shop/record.json")["Body"].read()
    assert [made["logical_id"] for made in json.loads(body)["resources"]] == ["Data", "Role", "Sales", "Etl"]


def test_a_table_and_its_partition_are_made(sandbox: DeploySandbox) -> None:
    text = """
        Resources:
          Db: {Type: AWS::Glue::Database, Properties: {DatabaseInput: {Name: sales}}}
          Orders:
            Type: AWS::Glue::Table
            Properties:
              CatalogId: !Ref AWS::AccountId
              DatabaseName: !Ref Db
              TableInput:
                Name: orders
                Parameters: {classification: csv, skip.header.line.count: 1, has_encrypted_data: false}
                PartitionKeys: [{Name: day, Type: string}]
                StorageDescriptor: {Location: s3://x/orders/, Columns: [{Name: id, Type: int}]}
          Today:
            Type: AWS::Glue::Partition
            Properties: {DatabaseName: !Ref Db, TableName: !Ref Orders, PartitionInput: {Values: [2026-01-01]}}
    """
    assert sandbox.deploy(text) == {"Db": "made", "Orders": "made", "Today": "made"}
    assert set(sandbox.deploy(text).values()) == {"unchanged"}
    table = sandbox.client("glue").get_table(DatabaseName="sales", Name="orders")["Table"]
    assert table["Parameters"] == {
        "classification": "csv",
        "skip.header.line.count": "1",
        "has_encrypted_data": "false",
    }
    assert sandbox.delete() == {"Today": "removed", "Orders": "removed", "Db": "removed"}
    with pytest.raises(ClientError):
        sandbox.client("glue").get_database(Name="sales")


def test_a_killed_deployment_is_taken_up(sandbox: DeploySandbox) -> None:
    template = template_of(textwrap.dedent(SHOP), sandbox.folder)
    steps = sandbox.deployment().deploy(template, {})
    assert next(steps).outcome == "made"
    del steps  # as if the process had ended between two resources
    assert [made.logical_id for made in sandbox.deployment().record.resources] == ["Data"]
    assert sandbox.deploy(SHOP) == {"Data": "unchanged", "Role": "made", "Sales": "made", "Etl": "made"}


def test_what_was_made_but_not_noted_is_found(sandbox: DeploySandbox) -> None:
    sandbox.deploy(SHOP)
    sandbox.client("s3").delete_object(Bucket="lakebox-stacks", Key="shop/record.json")
    assert sandbox.deploy(SHOP) == {"Data": "updated", "Role": "updated", "Sales": "updated", "Etl": "updated"}
    assert sandbox.client("glue").list_jobs()["JobNames"] == ["etl"]


@pytest.mark.parametrize(
    "resource",
    [
        "{Type: AWS::Glue::Table, Properties: {TableInput: {Name: t}}}",
        "{Type: AWS::Glue::Partition, Properties: {DatabaseName: d, TableName: t}}",
        "{Type: AWS::Glue::Job}",
        "{Type: AWS::Glue::Database, Properties: {DatabaseInput: x}}",
        "{Type: AWS::Glue::Job, Properties: {Role: r, Command: x}}",
        "{Type: AWS::Glue::Job, Properties: {Role: r, Tags: [x]}}",
        "{Type: AWS::Athena::WorkGroup, Properties: {WorkGroupConfiguration: x}}",
    ],
)
def test_missing_properties_fail_their_resource(sandbox: DeploySandbox, resource: str) -> None:
    assert sandbox.deploy(f"Resources: {{It: {resource}}}") == {"It": "failed"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{Type: AWS::Glue::Job, Properties: {Role: r, Command: '{bad'}}", "Command must be an object, not '{bad'"),
        ("{Type: AWS::Glue::Database, Properties: {DatabaseInput: {Name: !Select [x, [a]]}}}", "not 'x'"),
        ("{Type: AWS::Glue::Database, Properties: {DatabaseInput: {Name: !Join ['', !Cidr [x, 1, 8]]}}}", "Fn::Cidr: "),
    ],
)
def test_what_can_not_be_read_fails_with_its_reason(sandbox: DeploySandbox, text: str, reason: str) -> None:
    (step,) = sandbox.steps(f"Resources: {{A: {text}}}")
    assert (step.outcome, reason in step.note) == ("failed", True), step.note


def test_an_old_name_that_stays_is_tried_again(sandbox: DeploySandbox) -> None:
    s3 = sandbox.client("s3")
    sandbox.steps("Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: first}}}")
    s3.put_object(Bucket="first", Key="x", Body=b"x")
    renamed = "Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: second}}}"
    (step,) = sandbox.steps(renamed)
    assert step.outcome == "failed"
    s3.delete_object(Bucket="first", Key="x")
    sandbox.steps(renamed)
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"] if bucket["Name"] in ("first", "second")] == [
        "second"
    ]


def test_a_job_that_stays_keeps_its_script(sandbox: DeploySandbox) -> None:
    (sandbox.folder / "etl.py").write_text("print(1)\n")
    sandbox.deploy(
        "Resources: {A: {Type: AWS::Glue::Job, DeletionPolicy: Retain,"
        " Properties: {Name: stays, Role: r, Command: {Name: glueetl, ScriptLocation: etl.py}}}}"
    )
    assert sandbox.delete() == {"A": "kept"}
    script = sandbox.client("glue").get_job(JobName="stays")["Job"]["Command"]["ScriptLocation"]
    bucket, _, key = script.removeprefix("s3://").partition("/")
    assert sandbox.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b"print(1)\n"
