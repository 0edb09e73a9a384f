"""Manuscripts, story notes and characters in other programs' files: a module for each, and `files`, which finds it."""
