"""The event contract: raw JSON files -> events, or the reason why an item can't be one."""
