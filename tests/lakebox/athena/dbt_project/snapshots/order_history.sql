{% snapshot order_history %}
{{ config(target_schema="shop", unique_key="id", strategy="check", check_cols=["amount"], table_type="iceberg") }}
select id, country, amount from {{ ref("orders") }}
{% endsnapshot %}
