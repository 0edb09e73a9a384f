"""Manuscripts: text with styles, marks and authorship; its tree; notes, chats; other programs' files. No Qt but to
make a PDF, and nothing heavy at import: the formats import their libraries where they use them."""
