"""Where observatories come from."""

from __future__ import annotations

from envs.toolkit_domain import ToolkitDomain
from examples.observatory.catalogue import OBJECTS, OBSERVERS, SECRETS, TITLES
from examples.observatory.environment import ObservatoryEnvironment
from tools.base import JsonObject, generator

_OBSERVERS, _OBJECTS, _PROGRAMMES, _EXPOSURES = 2, 5, 3, 2
_FILTERS = ("luminance", "red", "h-alpha")


class ObservatoryDomain(ToolkitDomain):
    """Observatories by day: nobody is signed in, the dome is closed, the telescope parked, and the camera warm."""

    name = "examples.observatory:ObservatoryDomain"  # what a configuration writes and a record keeps
    environment = ObservatoryEnvironment

    def draw_state(self, seed: int) -> JsonObject:
        return _drawn(seed)


def _drawn(seed: int) -> JsonObject:
    rng = generator("observatory", seed)
    objects = {name: OBJECTS[name]._asdict() for name in sorted(rng.sample(sorted(OBJECTS), _OBJECTS))}
    programmes = zip(rng.sample(range(1000, 10_000), _PROGRAMMES), rng.sample(TITLES, _PROGRAMMES), strict=True)
    targets = zip(rng.sample(range(1000, 10_000), _EXPOSURES), rng.sample(sorted(objects), _EXPOSURES), strict=True)
    return {
        "signed_in": None,
        "opening": "closed",
        "parked": True,
        "pointed_at": None,
        "temperature": 12,
        "objects": objects,
        "programmes": {
            f"OP-{number}": {"title": title, "minutes_left": rng.randrange(60, 300, 10)} for number, title in programmes
        },
        "exposures": {
            f"EX-{number}": {
                "target": objects[name]["designation"],
                "filter_name": rng.choice(_FILTERS),
                "seconds": rng.choice((60, 120, 300)),
            }
            for number, name in targets
        },
        "flats": {},
        "images": {},
        "_passphrases": {
            name: f"{rng.choice(SECRETS)}-{rng.choice(SECRETS)}-{rng.randrange(10, 100)}"
            for name in rng.sample(OBSERVERS, _OBSERVERS)
        },
        "_id_seed": rng.randrange(2**31),
    }
