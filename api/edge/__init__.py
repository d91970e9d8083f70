"""What a call passes before it reaches a route: who calls, how often, how much, and how it is refused and counted."""
