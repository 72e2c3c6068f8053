"""The folder that is on PYTHONPATH of job runs: `awsglue` as scripts import it, written from AWS's documentation."""
