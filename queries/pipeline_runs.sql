-- How did the latest runs go?
SELECT run_id, job_name, status, rows_in, rows_out, started_at, finished_at, freshness_days, message
FROM pipeline_runs
ORDER BY started_at DESC
LIMIT 20
