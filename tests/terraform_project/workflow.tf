# Two jobs, then a crawler over what they wrote.

resource "aws_glue_job" "to_parquet" {
  name              = "orders-to-parquet"
  role_arn          = aws_iam_role.jobs.arn
  glue_version      = "5.0"
  worker_type       = "G.1X"
  number_of_workers = 2
  timeout           = 10

  command {
    script_location = "s3://${aws_s3_bucket.lake.id}/${aws_s3_object.script["to_parquet.py"].key}"
  }

  default_arguments = {
    "--bucket"                           = aws_s3_bucket.lake.id
    "--stage"                            = var.stage
    "--enable-metrics"                   = ""
    "--enable-continuous-cloudwatch-log" = "true"
    "--continuous-log-logGroup"          = aws_cloudwatch_log_group.jobs.name
  }
}

resource "aws_glue_job" "receipt" {
  name         = "orders-receipt"
  role_arn     = aws_iam_role.jobs.arn
  max_capacity = 0.0625

  command {
    name            = "pythonshell"
    script_location = "s3://${aws_s3_bucket.lake.id}/${aws_s3_object.script["receipt.py"].key}"
    python_version  = "3.9"
  }

  default_arguments = { "--bucket" = aws_s3_bucket.lake.id }
}

resource "aws_glue_classifier" "orders" {
  name = "orders"

  csv_classifier {
    contains_header = "PRESENT"
    delimiter       = ","
  }
}

resource "aws_glue_crawler" "lake" {
  for_each      = { raw = "raw/orders", curated = "curated/orders" }
  name          = "orders-${each.key}"
  role          = aws_iam_role.jobs.arn
  database_name = aws_glue_catalog_database.orders.name
  table_prefix  = "${each.key}_"
  classifiers   = [aws_glue_classifier.orders.name]

  s3_target {
    path       = "s3://${aws_s3_bucket.lake.id}/${each.value}"
    exclusions = ["**.tmp"]
  }

  schema_change_policy {
    delete_behavior = "LOG"
    update_behavior = "UPDATE_IN_DATABASE"
  }

  configuration = jsonencode({
    Version  = 1.0
    Grouping = { TableGroupingPolicy = "CombineCompatibleSchemas" }
  })
}

resource "aws_glue_workflow" "orders" {
  name                   = "orders"
  default_run_properties = { stage = var.stage }
}

resource "aws_glue_trigger" "start" {
  name          = "orders-start"
  type          = "ON_DEMAND"
  workflow_name = aws_glue_workflow.orders.name

  actions {
    job_name = aws_glue_job.to_parquet.name
  }
  actions {
    crawler_name = aws_glue_crawler.lake["raw"].name
  }
}

resource "aws_glue_trigger" "crawl" {
  name          = "orders-crawl"
  type          = "CONDITIONAL"
  workflow_name = aws_glue_workflow.orders.name

  predicate {
    conditions {
      job_name = aws_glue_job.to_parquet.name
      state    = "SUCCEEDED"
    }
  }

  actions {
    crawler_name = aws_glue_crawler.lake["curated"].name
  }
}

resource "aws_glue_trigger" "receipt" {
  name          = "orders-receipt"
  type          = "CONDITIONAL"
  workflow_name = aws_glue_workflow.orders.name

  predicate {
    logical = "AND"

    dynamic "conditions" {
      for_each = aws_glue_crawler.lake

      content {
        crawler_name = conditions.value.name
        crawl_state  = "SUCCEEDED"
      }
    }
  }

  actions {
    job_name  = aws_glue_job.receipt.name
    arguments = { "--stage" = var.stage }
  }
}

resource "aws_glue_trigger" "nightly" {
  name     = "orders-nightly"
  type     = "SCHEDULED"
  schedule = "cron(15 2 * * ? *)"
  enabled  = var.stage == "prod"

  actions {
    job_name = aws_glue_job.receipt.name
  }
}
