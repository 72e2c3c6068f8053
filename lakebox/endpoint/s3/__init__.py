"""S3 for the embedded target: objects are files below `DIR/<bucket>/`, the very files that Spark reads and writes.

No well-kept package for a persistent S3 over plain folders was found: moto and s3-compatible servers keep objects in
memory or in formats of their own. So the operations that AWS's clients call are written here, on botocore's signatures.
"""
