"""Pictures in other programs' files, both ways: one module for each, and `files`, which finds it."""
