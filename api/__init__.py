"""The web service: HTTP over the engine. No facts, no sentences, no understanding here."""
