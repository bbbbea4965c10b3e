"""``python -m fr_agents``: the command line, where its script is not on the path."""

from fr_agents.cli import main

main()
