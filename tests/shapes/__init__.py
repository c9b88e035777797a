"""Ways to start the product. Each is known by its public origin alone."""
