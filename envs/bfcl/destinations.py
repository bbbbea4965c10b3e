"""Where a file or a folder could be copied or moved to: into another folder, or to a new name that suits it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from envs.bfcl.beside import Beside


def beside(files: Sequence[str], folders: Sequence[str]) -> Iterator[Beside]:
    """Destinations for each of the files and folders of a directory, none of which takes the place of another one."""
    taken = {*files, *folders}
    for folder in folders:
        yield Beside(folder, {"source": tuple(name for name in (*files, *folders) if name != folder)})
    for name in files:
        stem, dot, ending = name.rpartition(".")
        stem, ending = (stem, dot + ending) if stem else (name, "")
        for new in (f"{stem}_copy{ending}", f"{stem}_final{ending}", f"old_{stem}{ending}"):
            if new not in taken and "copy" not in stem:
                yield Beside(new, {"source": (name,)})
    for name in folders:
        for new in (f"{name}_backup", f"{name}_old"):
            if new not in taken and "backup" not in name:
                yield Beside(new, {"source": (name,)})
