"""What a picture's edges, outlines and poses are: drawings that a control net follows, and the generators of them."""
