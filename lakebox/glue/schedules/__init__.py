"""When things are due: cron and rate expressions, and the thread that fires what is due."""
