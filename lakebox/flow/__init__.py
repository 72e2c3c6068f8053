"""The medallion flow through Glue's API: runs of the workflow, its gate alone, and crawls."""
