"""The Voice tab: who speaks, how, which words, and who says which lines of a dialogue."""
