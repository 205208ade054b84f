"""Governance's pages in the admin; importing this package mounts them."""
