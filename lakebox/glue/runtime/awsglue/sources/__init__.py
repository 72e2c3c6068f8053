"""Where frames come from and go to: files on S3 in their formats, tables of the catalog, bookmarks, sinks."""
