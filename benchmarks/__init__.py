"""Measurements, one command each: `python -m benchmarks.NAME [--json]`, or all of them with `studio bench`.

Each compares with the bare library in the same run, or gives percentiles, since machines differ and runs are noisy.
"""
