"""What is pushed while it happens: to residents and to the office's people."""
