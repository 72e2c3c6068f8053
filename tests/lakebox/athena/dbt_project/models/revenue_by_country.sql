{{ config(materialized="table", format="parquet") }}
select c.name as country, count(*) as orders, sum(o.amount) as revenue
from {{ ref("orders") }} o join {{ ref("countries") }} c on c.code = o.country
group by c.name
