"""The Captions tab: what is said, with its times, in a list that is edited."""
