"""Turns raw JSON files into events, by the contract that the README states, or says why an item can't be one."""
