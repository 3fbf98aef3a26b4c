"""`python -m cost simulate`: days of traffic, how the deployed pipeline copes with them, and what to raise first."""

import argparse
import json
from dataclasses import asdict

from cost.calls import Measurement
from cost.capacity import most_reported, raised, settings_of
from cost.day import Day, settings_text
from cost.deployed import Mode, deployed
from cost.simulated_day import Settings, Trouble
from cost.simulation import simulate
from cost.traffic_profiles import PROFILES, Profile
from stack.command import number_up_to

_ALL = "all"
_SEED = 2026
_MOST = 20_000_000
"""Exchanges: what a machine has the memory for."""


def add_simulate_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    names = [profile.name for profile in PROFILES]
    parser.add_argument("--profile", choices=[*names, _ALL], default=_ALL, help="shape of the traffic (%(default)s)")
    parser.add_argument("--exchanges", type=_positive, help="how many there are (each profile has its own number)")
    parser.add_argument("--invalid-every", type=_positive, default=0, metavar="N", help="one message in N is malformed")
    parser.add_argument(
        "--outage-hour", type=number_up_to(24), default=12.0, metavar="H", help="when the table's outage begins"
    )
    parser.add_argument(
        "--outage-minutes", type=number_up_to(24 * 60), default=0.0, metavar="M", help="the table takes nothing so long"
    )
    parser.add_argument("--seed", type=int, default=_SEED, help="of the moments of arrival (%(default)s)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(%(default)s)")


def run_simulation(chosen: argparse.Namespace) -> int:
    """Simulate, draw, print; return 0.

    Raises:
        ProgramError: Terraform cannot plan.
    """
    counted = Measurement.load()
    modes: tuple[Mode, Mode] = ("stream", "drain")
    configured = {mode: deployed(chosen.directory, mode) for mode in modes}
    pipelines = {mode: settings_of(found, counted) for mode, found in configured.items()}
    trouble = Trouble(chosen.invalid_every, chosen.outage_hour * 3600, chosen.outage_minutes * 60)
    chosen.directory.mkdir(parents=True, exist_ok=True)
    documents = []
    for profile in PROFILES:
        if chosen.profile not in {profile.name, _ALL}:
            continue
        day = _day(profile, chosen.exchanges or profile.exchanges, pipelines, trouble, chosen.seed)
        drawn = chosen.directory / f"simulate-{profile.name}.svg"
        drawn.write_text(day.drawing(), encoding="utf-8")
        documents.append({**day.document(), "drawn": str(drawn)})
        if chosen.format == "text":
            print(f"{day.text()}\n  drawn in {drawn}\n", flush=True)
    if chosen.format == "json":
        settings = {mode: asdict(its) for mode, its in pipelines.items()}
        print(json.dumps({"settings": settings, "days": documents}, indent=2))
    else:
        print(settings_text(pipelines))
        most = most_reported(configured["stream"], counted)
        print(f"  The daily report is done in time up to about {most / 1e6:.1f} million exchanges a month.")
    return 0


def _day(profile: Profile, exchanges: int, pipelines: dict[Mode, Settings], trouble: Trouble, seed: int) -> Day:
    arrivals = profile.arrivals(exchanges, seed)
    runs = {mode: simulate(arrivals, settings, trouble) for mode, settings in pipelines.items()}
    if trouble.expected:  # what is done about trouble is to end it
        return Day(profile, arrivals, runs, {})
    changes = {mode: raised(arrivals, settings, runs[mode]) for mode, settings in pipelines.items()}
    return Day(profile, arrivals, runs, changes)


def _positive(text: str) -> int:
    try:
        number = int(text.replace("_", ""))
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    if number > _MOST:
        raise argparse.ArgumentTypeError(f"{text} is more than a day is simulated with: {_MOST:,} at most")
    return number
