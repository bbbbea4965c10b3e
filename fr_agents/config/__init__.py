"""The configuration of a run: its sections, how it is read and checked, and which parts of it decide the records."""

from fr_agents.config.identity import configuration_hash, resolved
from fr_agents.config.load import check_world, load_config
from fr_agents.config.models import ROLE_NAMES, ModelSettings, ModelsSettings, OfflineSettings, RoleName
from fr_agents.config.run import LimitsSettings, RunConfig, TurnsSettings, WorldSettings
from fr_agents.errors import ConfigError

__all__ = [
    "ROLE_NAMES",
    "ConfigError",
    "LimitsSettings",
    "ModelSettings",
    "ModelsSettings",
    "OfflineSettings",
    "RoleName",
    "RunConfig",
    "TurnsSettings",
    "WorldSettings",
    "check_world",
    "configuration_hash",
    "load_config",
    "resolved",
]
