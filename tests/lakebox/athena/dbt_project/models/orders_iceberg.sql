{{ config(materialized="table", table_type="iceberg", partitioned_by=["country"]) }}
select id, country, cast(amount as decimal(10,2)) as amount, cast(ordered_on as timestamp(6)) as at from {{ ref("orders") }}
