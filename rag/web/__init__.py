"""The web page: chat, evidence, tabs, administration, and what programs call."""
