"""The outcomes of a week by mail, to those who answer for them."""
