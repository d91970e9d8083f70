"""Messages that were doubtful, looked at by the office's editors (复核), and the way from there to another model."""
