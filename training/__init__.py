"""Recipes that made the starter models; anyone can run them again."""
