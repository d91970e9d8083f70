"""What the platform sends us: proved to be its own, decrypted, read into values."""
