"""OrchestraError and DRF's errors to application/problem+json (RFC 9457)."""
