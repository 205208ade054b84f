"""Layers 1 to 5: intake, journeys, tools, memory and handoff."""
