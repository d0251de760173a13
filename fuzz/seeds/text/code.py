import os

class A:
    """Doc."""
    def f(self, x):
        return x  # one

def g():
    pass
