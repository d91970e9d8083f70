"""Who of the office may do what: accounts, staff sessions, audit. Residents have none of it."""
