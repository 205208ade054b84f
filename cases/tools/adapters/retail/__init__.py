"""The retail system of record: a store, its journal, its service and the recorded task set."""
