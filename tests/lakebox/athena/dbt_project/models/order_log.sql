{{ config(materialized="incremental", incremental_strategy="append", table_type="iceberg", format="parquet") }}
select id, country, amount from {{ ref("orders") }}
{% if is_incremental() %}
where id > (select max(id) from {{ this }})
{% endif %}
