"""The calls of the service, one module a group; each thin: request, engine, response."""
