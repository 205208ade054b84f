"""What stored reviews and checks say of a whole population, with how sure it is."""
