"""Events that leave by webhook: who is sent what, what arrived, and sending again by hand."""
