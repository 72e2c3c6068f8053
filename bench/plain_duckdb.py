"""The same flow in DuckDB, straightforward: read all, rank, write all. A yardstick for what the work costs.

python bench/plain_duckdb.py RAW LAKE TRAINING_DATE
"""

import sys
from pathlib import Path

import duckdb

FLOW = """
SET TimeZone = 'UTC';
CREATE MACRO part(x) AS coalesce(strlen(x) || ':' || x, '-1:');
CREATE TABLE named AS
SELECT user_id, event_type, timestamp AS event_timestamp, upper(coalesce(op, 'I')) AS op,
       coalesce(updated_at, timestamp) AS updated_at, page, device, source, amount,
       CASE WHEN campaign IS NULL AND session IS NULL THEN NULL
            ELSE to_json({{'campaign': campaign, 'session': session}})::VARCHAR END AS attributes,
       strftime(timestamp AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS event_time
FROM read_json('{raw}/*.jsonl', format = 'newline_delimited', columns = {{
    user_id: 'VARCHAR', event_type: 'VARCHAR', timestamp: 'TIMESTAMPTZ', op: 'VARCHAR', updated_at: 'TIMESTAMPTZ',
    page: 'VARCHAR', device: 'VARCHAR', source: 'VARCHAR', amount: 'DOUBLE', campaign: 'VARCHAR', session: 'VARCHAR'}});
CREATE TABLE bronze AS
SELECT sha256(part(user_id) || part(event_type) || part(event_time)) AS pk, * EXCLUDE (event_time),
       op <> 'D' AS model_input_flag,
       sha256(part(user_id) || part(event_type) || part(event_time) || part(page) || part(device) || part(source)
              || part(amount::VARCHAR) || part(attributes)) AS feature_hash
FROM named;
COPY bronze TO '{lake}/bronze.parquet' (FORMAT parquet);
CREATE TABLE silver AS
SELECT *, event_timestamp::DATE AS event_date FROM bronze
QUALIFY row_number() OVER (
    PARTITION BY pk
    ORDER BY updated_at DESC, CASE op WHEN 'D' THEN 2 WHEN 'U' THEN 1 ELSE 0 END DESC, feature_hash DESC) = 1
    AND op <> 'D';
COPY silver TO '{lake}/silver' (FORMAT parquet, PARTITION_BY (event_type, event_date));
SELECT count(*), count(DISTINCT pk), count(user_id) FROM silver;
COPY (
    SELECT user_id, count(*) FILTER (event_type = 'click') AS click_count,
           count(*) FILTER (event_type = 'purchase') AS purchase_count, count(*) AS event_count,
           min(event_timestamp) AS first_event_timestamp, max(event_timestamp) AS last_event_timestamp,
           arg_max(event_type, (event_timestamp, event_type)) AS last_event_type,
           DATE '{day}' - max(event_timestamp)::DATE AS days_since_last_event
    FROM silver WHERE event_timestamp < DATE '{day}' + 1 GROUP BY user_id
) TO '{lake}/gold.parquet' (FORMAT parquet);
"""


def main(raw: str, lake: str, day: str) -> None:
    """Run the flow into an empty folder."""
    Path(lake).mkdir(parents=True)
    duckdb.connect().execute(FLOW.format(raw=raw, lake=lake, day=day))


if __name__ == "__main__":
    main(*sys.argv[1:4])
