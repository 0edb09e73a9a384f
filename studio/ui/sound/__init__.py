"""The Sound workspace: voices, music and takes on a timeline."""
