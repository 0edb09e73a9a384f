"""The co-author: ghost text, suggestions, story notes, chat and figures beside the page."""
