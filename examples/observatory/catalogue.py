"""What worlds are drawn from."""

from __future__ import annotations

from typing import Literal, NamedTuple

Filter = Literal["luminance", "red", "h-alpha"]


class Known(NamedTuple):
    """An object of the sky as the catalogue has it."""

    designation: str
    constellation: str
    magnitude: int


OBJECTS = {
    "Bubble Nebula": Known("NGC-7635", "Cassiopeia", 10),
    "Crescent Nebula": Known("NGC-6888", "Cygnus", 7),
    "Eskimo Nebula": Known("NGC-2392", "Gemini", 9),
    "Iris Nebula": Known("NGC-7023", "Cepheus", 7),
    "Pacman Nebula": Known("NGC-281", "Cassiopeia", 7),
    "Pelican Nebula": Known("IC-5070", "Cygnus", 8),
    "Sculptor Galaxy": Known("NGC-253", "Sculptor", 8),
    "Silver Needle Galaxy": Known("NGC-4244", "Canes Venatici", 10),
}
OBSERVERS = ("Ada Vance", "Bruno Keller", "Chiara Lodi", "Dario Nunez", "Elin Strand")
SECRETS = ("amber", "basalt", "cobalt", "damask", "ember", "fjord", "garnet", "heron")
TITLES = (
    "Dust in reflection nebulae",
    "Shells around hot stars",
    "Spiral arms seen edge-on",
    "Dying stars of the winter sky",
    "Star birth in Cygnus",
    "Rims of bright clouds",
)
NEW_TITLES = ("A second look at old novae", "Colours of faint galaxies", "Filaments in supernova remnants")
EXPOSURE_SECONDS = (60, 120, 240, 300)
TEMPERATURES = (-30, -25, -20, -5)
