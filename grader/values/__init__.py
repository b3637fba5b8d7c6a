"""Values that cross the sandbox: plain data in, plain data out, no pickle anywhere.

A *value* is a tree of None, bool, int, float, str, list, tuple and dict with `TensorLeaf` and `Foreign` leaves.

    live object --snapshot--> value --encode--> wire --decode--> value --restore--> live object
"""
