"""Results as Athena leaves them in S3: files of rows, their metadata, manifests; and pages read from them."""
