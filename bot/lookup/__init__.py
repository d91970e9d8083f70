"""Looking items up by what somebody types: words, aliases, pinyin, initials, materials, phones."""
