"""The tools of the canvas: each a class of its own behind `base.Tool`; `registry` lists them."""
