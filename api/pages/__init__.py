"""HTML pages, made by the server out of templates that always escape."""
