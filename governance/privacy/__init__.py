"""Personal data: legal holds, placed and lifted by two people each."""
