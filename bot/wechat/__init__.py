"""The WeChat official account (公众号): what comes from it, what is said to it, and what is kept in between."""
