"""What Glue runs, in the order of the data flow: raw_to_bronze, bronze_to_silver, check_silver, silver_to_gold."""
