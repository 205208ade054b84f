"""Personal data: who holds it; legal holds and erasures, each in the hands of two people."""
