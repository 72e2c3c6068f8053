"""Puts an object that says for which stage the workflow ran."""

import sys

import boto3
from awsglue.utils import getResolvedOptions

arguments = getResolvedOptions(sys.argv, ["bucket", "stage", "WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
run = {"Name": arguments["WORKFLOW_NAME"], "RunId": arguments["WORKFLOW_RUN_ID"]}
properties = boto3.client("glue").get_workflow_run_properties(**run)["RunProperties"]
text = f"{arguments['stage']} {properties['stage']}"
boto3.client("s3").put_object(Bucket=arguments["bucket"], Key="receipts/last.txt", Body=text.encode())
