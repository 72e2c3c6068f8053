{{ config(materialized="view") }}
select * from {{ ref("orders_by_day") }} where amount >= 7
