"""From the guide's bytes to items and facts. Only here is its layout known.

In order: source, sections, outline, flowchart and charts, facts.
"""
