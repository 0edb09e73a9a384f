"""Takes PySide's hook out of the import statement: it reads the source of every module that is imported, to see whether
the module wants Qt's names in snake_case, which none here does. Import this right after PySide6."""

import builtins

original = getattr(builtins, "__orig_import__", None)  # where PySide keeps Python's own
if original is not None:
    builtins.__import__ = original
