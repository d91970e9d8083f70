"""The test suite, laid out as the packages are."""
