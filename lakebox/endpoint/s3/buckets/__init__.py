"""What is asked of a bucket as a whole: its listings and its settings."""
