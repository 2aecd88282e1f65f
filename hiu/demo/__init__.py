"""Invented services to try the product on. Loaded through the product's own actions."""
