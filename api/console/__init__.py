"""The agents' console: what agents see of the desk, what they are told as it happens, whose tickets go back."""
