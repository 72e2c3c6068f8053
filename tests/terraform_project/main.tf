# A lakehouse as a team writes it for AWS: nothing in these files knows of lakebox.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = { project = "orders", stage = var.stage }
  }
}

variable "stage" {
  default = "dev"
}

data "aws_caller_identity" "me" {}

locals {
  lake = "orders-lake-${data.aws_caller_identity.me.account_id}"
}

resource "aws_s3_bucket" "lake" {
  bucket        = local.lake
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "lake" {
  bucket = aws_s3_bucket.lake.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    id     = "delete after 30 days"
    status = "Enabled"

    expiration {
      days = 30
    }
  }
}

resource "aws_s3_bucket_public_access_block" "lake" {
  bucket                  = aws_s3_bucket.lake.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_object" "script" {
  for_each = fileset("${path.module}/scripts", "*.py")
  bucket   = aws_s3_bucket.lake.id
  key      = "scripts/${each.value}"
  source   = "${path.module}/scripts/${each.value}"
  etag     = filemd5("${path.module}/scripts/${each.value}")
}

resource "aws_s3_object" "orders" {
  bucket  = aws_s3_bucket.lake.id
  key     = "raw/orders/orders.csv"
  content = "order_id,amount\n1,10.5\n2,20.0\n3,7.25\n"
}

data "aws_iam_policy_document" "glue_may_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["glue.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "jobs" {
  name               = "orders-jobs"
  assume_role_policy = data.aws_iam_policy_document.glue_may_assume.json
}

data "aws_iam_policy_document" "lake" {
  statement {
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.lake.arn, "${aws_s3_bucket.lake.arn}/*"]
  }
}

resource "aws_iam_policy" "lake" {
  name   = "orders-lake-${var.stage}"
  policy = data.aws_iam_policy_document.lake.json
}

resource "aws_iam_role_policy_attachment" "lake" {
  role       = aws_iam_role.jobs.name
  policy_arn = aws_iam_policy.lake.arn
}

resource "aws_iam_role_policy_attachment" "glue" {
  role       = aws_iam_role.jobs.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
}

resource "aws_cloudwatch_log_group" "jobs" {
  name              = "/aws-glue/jobs/orders"
  retention_in_days = 14
}
