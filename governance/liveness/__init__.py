"""Whether workers take work: what was taken last, by whom; a process that lives may be deaf."""
