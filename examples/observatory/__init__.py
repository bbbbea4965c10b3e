"""A small observatory whose tools are typed, documented methods and declare nothing of what they need."""

from examples.observatory.domain import ObservatoryDomain

__all__ = ["ObservatoryDomain"]
