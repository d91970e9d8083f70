"""Load (负载): the running service under as many residents as the office may ever see at once, over HTTP alone."""
