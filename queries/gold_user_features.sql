-- Which users are most active in the newest snapshot?
SELECT user_id, click_count, purchase_count, event_count, last_event_type, days_since_last_event
FROM gold_user_features
WHERE training_date = (SELECT max(training_date) FROM gold_user_features)
ORDER BY event_count DESC, user_id
LIMIT 10
