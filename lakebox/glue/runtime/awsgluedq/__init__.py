"""AWS Glue Data Quality for job scripts, on the DQDL engine of jobs/quality, written from AWS's documentation."""
