"""Tools about cities and the traveller."""

from __future__ import annotations

from envs.toolkit import tool
from envs.travel.results import Cities, City, ExchangeRate, Forecast, Profile, ZipCode
from envs.travel.state import TravelState
from envs.travel.timetable import weather

CITY_SOURCES = "get_profile:home_city list_cities:cities.*.city"
DATE_SOURCES = "list_bookings:bookings.*.travel_date get_booking:travel_date"


class PlaceTools(TravelState):
    """Cities with their zip codes, weather and money, and the traveller's profile."""

    @tool(effect="read")
    def get_profile(self) -> Profile:
        """Show the profile of the traveller."""
        row = self.data["profile"]
        return Profile(
            full_name=row["full_name"],
            email=row["email"],
            home_city=row["home_city"],
            loyalty_points=row["loyalty_points"],
        )

    @tool(effect="read")
    def list_cities(self, country: str | None = None) -> Cities:
        """List the cities that have an airport. Without a country, the cities of all countries are listed.

        Args:
            country: Country name.
        """
        rows = [
            City(city=name, country=row["country"], currency=row["currency"], population=row["population"])
            for name, row in sorted(self.data["cities"].items())
            if country in (None, row["country"])
        ]
        if not rows:
            raise self.fail(f"No city of a country named {country!r} has an airport.", "not_found")
        return {"cities": rows}

    @tool(effect="read", offers={"city": CITY_SOURCES})
    def get_zip_code(self, city: str) -> ZipCode:
        """Look up the zip code of a city.

        Args:
            city: City, by its name.
        """
        return {"zip_code": self.city(city)["zip_code"]}

    @tool(effect="read", offers={"city": CITY_SOURCES, "travel_date": DATE_SOURCES})
    def get_weather(self, city: str, travel_date: str) -> Forecast:
        """Check the weather forecast of a city. Forecasts reach from tomorrow to 14 days ahead.

        Args:
            city: City, by its name.
            travel_date: Travel date in the form YYYY-MM-DD.
        """
        self.city(city)
        days = self.timetable.days
        if travel_date not in days:
            raise self.fail(f"Forecasts reach from {days[0]} to {days[-1]}, not to {travel_date!r}.", "out_of_range")
        found = weather(self.seed, city, travel_date)
        return {"conditions": found.conditions, "temperature": found.temperature}

    @tool(
        effect="read",
        sources={"base_currency": "list_cities:cities.*.currency", "target_currency": "list_cities:cities.*.currency"},
    )
    def get_exchange_rate(self, base_currency: str, target_currency: str) -> ExchangeRate:
        """Get the exchange rate between two currencies. The rate is the number of target units for one base unit; the
        two currencies must differ.

        Args:
            base_currency: Base currency, such as USD.
            target_currency: Target currency, such as EUR.
        """
        rates = self.data["rates"]
        if base_currency == target_currency:
            raise self.fail("The base currency and the target currency are the same.", "invalid_value")
        for code in (base_currency, target_currency):
            if code not in rates:
                raise self.fail(f"There is no rate for {code!r}. Known are {', '.join(sorted(rates))}.", "not_found")
        return {"exchange_rate": round(rates[target_currency] / rates[base_currency], 6)}
