"""The verifier that goes into every pack, as it is; nothing imports it at run time."""
