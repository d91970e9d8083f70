"""From item and facets to a reply: what the guide says, word for word, with its lines. No understanding here."""
