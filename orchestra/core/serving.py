"""What a process does once before it serves."""

import gc

from django.urls import get_resolver


def settle() -> None:
    """Load every address, and let collections pass over all that is loaded by now.

    It stays as long as the process does. A full collection stops every thread while it looks at
    each object that there is, some 300,000 of which are modules, models and addresses.
    """
    # Asking for the names of addresses loads what they lead to.
    _names = get_resolver().reverse_dict
    gc.collect()
    gc.freeze()
