"""What the guide says: read once into typed facts, checked, stored, exported. Imports none of our packages."""
