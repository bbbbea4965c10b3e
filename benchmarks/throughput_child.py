"""Each measurement in a process of its own on one core, so that none finds what another one left in memory."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from benchmarks.throughput_latency import efficiency
from benchmarks.throughput_runs import layers, speed
from benchmarks.throughput_size import finished, first_step, live, many
from tools.base import JsonObject

MEASUREMENTS: Mapping[str, Callable[..., JsonObject]] = MappingProxyType(
    {measure.__name__: measure for measure in (speed, layers, efficiency, live, many, finished, first_step)}
)


def cores() -> tuple[int, int]:
    """A core to measure on and another one to serve from; the same twice where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def measured(name: str, *given: Any, apart: bool = True) -> JsonObject:
    """What a measurement tells. Not ``apart`` it is made in this process, to see that it works.

    Raises:
        subprocess.CalledProcessError: it failed; the process has told why on stderr.
    """
    if not apart:
        return MEASUREMENTS[name](*given)
    command = [sys.executable, "-m", "benchmarks.throughput_child", name, json.dumps(given)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    found: JsonObject = json.loads(done.stdout.splitlines()[-1])
    return found


def resumed(folder: str, how: str) -> JsonObject:
    """When a resume takes its first step; always in a process of its own, which ends there."""
    return measured("first_step", folder, how, time.time())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=list(MEASUREMENTS))
    parser.add_argument("given", type=json.loads)
    chosen = parser.parse_args()
    os.sched_setaffinity(0, {cores()[0]})
    sys.stdout.write(json.dumps(MEASUREMENTS[chosen.name](*chosen.given)) + "\n")
