{{ config(materialized="incremental", incremental_strategy="merge", unique_key="id", table_type="iceberg", format="parquet") }}
select id, country, amount from {{ ref("orders") }}
