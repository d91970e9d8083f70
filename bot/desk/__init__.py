"""The desk (人工服务): tickets of residents who want a person, from the queue to the last word."""
