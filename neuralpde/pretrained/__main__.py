"""Cards on the command line:  ``python -m neuralpde.pretrained [show | publish | ensemble] ...``; without arguments a list."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from neuralpde.pretrained.ensemble import make_ensemble
from neuralpde.pretrained.load import available, load_pretrained
from neuralpde.pretrained.publish import publish

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None, console: Console | None = None) -> int:
    """Run one command; expected errors end in one sentence and exit code 1."""
    given = _parser().parse_args(arguments)
    console = console or Console()
    try:
        if given.command == "publish":
            card = publish(given.folder, given.name, resolution=given.resolution, summary=given.summary, paper=given.paper, num_frames=given.frames)
            console.print(card.markdown(), markup=False)
        elif given.command == "ensemble":
            console.print(make_ensemble(given.folder, given.members).markdown(), markup=False)
        elif given.command == "show":
            console.print(load_pretrained(given.name).card.markdown(), markup=False)
        else:
            console.print(_table())
    except (ValueError, OSError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m neuralpde.pretrained", description="Networks that come with the package.")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("list", help="names and scores")
    show = commands.add_parser("show", help="one card as markdown")
    show.add_argument("name", help="name, folder or hub id")
    new = commands.add_parser("publish", help="score the checkpoint of a run and add it to the package")
    new.add_argument("folder", type=Path, help="checkpoint folder of a run")
    new.add_argument("name", help="name of the card")
    new.add_argument("--summary", default="", help="one sentence: method, equation, purpose")
    new.add_argument("--paper", default="", help="authors, title, year of the method")
    new.add_argument("--resolution", type=int, nargs="+", help="points per axis of the recorded check; those of the training by default")
    new.add_argument("--frames", type=int, help="predicted frames of the recorded check, few for chaos; all by default")
    several = commands.add_parser("ensemble", help="write a checkpoint that averages several networks")
    several.add_argument("folder", type=Path, help="checkpoint folder to write")
    several.add_argument("members", nargs="+", help="cards, checkpoint folders or hub ids")
    return parser


def _table() -> Table:
    table = Table("name", "score", "summary", title="Pretrained networks")
    for name in available():
        card = load_pretrained(name).card
        scores = ", ".join(f"{score.metric} {score.value:.3g}" for score in card.scores)
        table.add_row(name, scores, card.summary)
    return table


if __name__ == "__main__":
    sys.exit(main())
