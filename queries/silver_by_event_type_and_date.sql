-- What happened on each day, as it is known now?
SELECT event_type, event_date, count(*) AS events, count(DISTINCT user_id) AS users
FROM silver_user_events
GROUP BY event_type, event_date
ORDER BY event_date, event_type
