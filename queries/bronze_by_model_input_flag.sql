-- How many changes may feed a model, and how many are deletes?
SELECT model_input_flag, count(*) AS changes, count(DISTINCT user_id) AS users
FROM bronze_user_events_parquet
GROUP BY model_input_flag
ORDER BY model_input_flag DESC
