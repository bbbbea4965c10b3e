"""The built-in world ``travel``: cities, flights, bookings, payment cards, insurance and invoices of one traveller."""

from envs.travel.domain import TravelDomain
from envs.travel.environment import TravelEnvironment

__all__ = ["TravelDomain", "TravelEnvironment"]
