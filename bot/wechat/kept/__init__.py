"""What the channel must remember: answers for retries, people and their windows, words that wait."""
