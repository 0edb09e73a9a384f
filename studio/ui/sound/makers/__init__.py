"""What generators do in the Sound workspace: requests, where their results go, and the panels that ask."""
