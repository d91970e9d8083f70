"""Tuning the sentence encoder on labelled messages: offline, on TensorFlow; what it makes is read by the service."""
