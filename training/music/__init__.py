"""The starter music models: a small symbolic transformer and a recurrent melody model, from data to figures."""
