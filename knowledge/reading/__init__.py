"""From the guide's bytes to items and facts: source, sections, outline, flow charts, facts. Only here is its layout known."""
