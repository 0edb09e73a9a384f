"""Spark, Pieria's own tiny text-to-image model: data, training, export and evaluation, one command each."""
