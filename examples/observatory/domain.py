"""Where observatories come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from envs.environment import WorldSpec
from envs.world import World
from examples.observatory.catalogue import OBJECTS, OBSERVERS, SECRETS, TITLES
from examples.observatory.environment import ObservatoryEnvironment
from tools.base import JsonObject, generator
from tools.spec import ToolSpec

_OBSERVERS, _OBJECTS, _PROGRAMMES, _EXPOSURES = 2, 5, 3, 2
_FILTERS = ("luminance", "red", "h-alpha")


class ObservatoryDomain:
    """Observatories by day: nobody is signed in, the dome is closed, the telescope parked, and the camera warm."""

    name = "examples.observatory:ObservatoryDomain"  # what a configuration writes and a record keeps
    version = "1"  # raise it whenever the same seed or the same calls could give something else

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        return {ObservatoryEnvironment.name: ObservatoryEnvironment().specs()}

    def draw(self, seed: int) -> WorldSpec:
        return WorldSpec(
            name=self.name,
            version=self.version,
            seed=seed,
            environments=(ObservatoryEnvironment.name,),
            initial_state={ObservatoryEnvironment.name: _drawn(seed)},
        )

    def open(self, spec: WorldSpec) -> World:
        if (spec.name, spec.version) != (self.name, self.version):
            raise ValueError(f"this is world {self.name!r} in version {self.version}")
        world = World(spec, [ObservatoryEnvironment()])
        world.reset()
        return world


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
