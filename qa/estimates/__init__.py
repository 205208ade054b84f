"""What reviews of a sample say of the whole, with how sure one can be."""
