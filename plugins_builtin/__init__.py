"""The generators that come with Pieria; they use nothing but the public plugin API."""
