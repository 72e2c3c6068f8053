# What is in the catalog from the start, and who asks it.

resource "aws_glue_catalog_database" "orders" {
  name         = "orders-db"
  description  = "orders of ${var.stage}"
  location_uri = "${aws_s3_bucket.lake.id}/" # no URI, as some projects have it
}

resource "aws_glue_catalog_table" "returns" {
  name          = "returns"
  database_name = aws_glue_catalog_database.orders.name
  table_type    = "EXTERNAL_TABLE"
  parameters    = { EXTERNAL = "TRUE", classification = "parquet" }

  partition_keys {
    name = "day"
    type = "date"
  }

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.lake.id}/returns/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    columns {
      name    = "order_id"
      type    = "bigint"
      comment = "of ${var.stage}"
    }
  }
}

resource "aws_glue_partition" "first" {
  database_name    = aws_glue_catalog_database.orders.name
  table_name       = aws_glue_catalog_table.returns.name
  partition_values = ["2025-06-17"]

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.lake.id}/returns/day=2025-06-17/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    columns {
      name = "order_id"
      type = "bigint"
    }
  }
}

resource "aws_glue_partition_index" "day" {
  database_name = aws_glue_catalog_database.orders.name
  table_name    = aws_glue_catalog_table.returns.name

  partition_index {
    index_name = "day"
    keys       = ["day"]
  }
}

resource "aws_glue_catalog_table" "stock" {
  name          = "stock"
  database_name = aws_glue_catalog_database.orders.name
  table_type    = "EXTERNAL_TABLE"

  open_table_format_input {
    iceberg_input {
      metadata_operation = "CREATE"
    }
  }

  storage_descriptor {
    location = "s3://${aws_s3_bucket.lake.id}/stock/"

    columns {
      name = "item"
      type = "string"
    }
    columns {
      name = "pieces"
      type = "int"
    }
  }
}

resource "aws_glue_connection" "warehouse" {
  name = "warehouse"

  connection_properties = {
    JDBC_CONNECTION_URL = "jdbc:postgresql://127.0.0.1:5432/orders"
    USERNAME            = "reader"
    PASSWORD            = var.stage
  }
}

resource "aws_glue_data_quality_ruleset" "returns" {
  name    = "returns"
  ruleset = "Rules = [ IsComplete \"order_id\" ]"

  target_table {
    database_name = aws_glue_catalog_database.orders.name
    table_name    = aws_glue_catalog_table.returns.name
  }
}

resource "aws_athena_workgroup" "analysts" {
  name          = "analysts"
  force_destroy = true

  configuration {
    bytes_scanned_cutoff_per_query = 1073741824

    result_configuration {
      output_location = "s3://${aws_s3_bucket.lake.id}/athena/${var.stage}/"

      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
  }
}

resource "aws_athena_database" "scratch" {
  name          = "scratch"
  bucket        = aws_s3_bucket.lake.id
  force_destroy = true
}

resource "aws_athena_named_query" "total" {
  name      = "total"
  workgroup = aws_athena_workgroup.analysts.name
  database  = aws_glue_catalog_database.orders.name
  query     = "SELECT sum(amount) AS total FROM curated_orders"
}
