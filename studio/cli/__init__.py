"""The `studio` command. Starting it imports next to nothing; each subcommand brings what it needs."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib import import_module

from studio import __version__
from studio.cli.output import DONE, FAILED, STOPPED, CommandError, Output

EPILOG = """exit codes: 0 done, 2 bad arguments (the field is named), 3 the generator failed, 4 a model is missing (the
install command is named), 130 stopped. With --json, stdout carries one JSON object a line."""


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="studio", epilog=EPILOG, description=(
        "Pieria: make pictures and prose with models on your own machine. Without a command it opens the window."))
    parser.add_argument("--version", action="version", version=f"Pieria {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the log on stderr")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_generate(commands)
    _add_chat(commands)
    _add_grid(commands)
    _add_listings(commands)
    _add_models(commands)
    _add_project(commands)
    _add_others(commands)
    return parser


def _json(parser: argparse.ArgumentParser) -> None:
    # Suppressed, so that a subcommand's parser does not undo what stood before it.
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                        help="one JSON object a line on stdout, all else on stderr")


def _add_generate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    make = commands.add_parser("generate", help="make a picture, a text, ...", epilog=EPILOG)
    make.set_defaults(run="studio.cli.generate:generate")
    make.add_argument("prompt", metavar="PROMPT", nargs="?", default=None, help="what to make; - reads it from stdin")
    make.add_argument("--kind", metavar="KIND",
                      help="image (the default), text, speech, music, ...: take its default generator")
    make.add_argument("--generator", metavar="ID", help="a generator's id, such as diffusion.image")
    make.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], dest="settings",
                      help="set a parameter; `studio generators` lists them")
    make.add_argument("--input", metavar="NAME=FILE", action="append", default=[], dest="inputs",
                      help="give a file to a media parameter")
    make.add_argument("--seed", type=int, metavar="N", help="the same seed gives the same result; random otherwise")
    make.add_argument("--count", type=int, default=1, metavar="N", help="how many, with seeds N, N+1, ...")
    make.add_argument("-o", "--output", metavar="PATH",
                      help="a file, a folder, a pattern with {seed} {n} {prompt} {generator}, or - for stdout; "
                           "otherwise the folder out")
    make.add_argument("--project", metavar="FILE", help="keep the results in this project too; it is made if need be")
    _json(make)


def _add_chat(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    chat = commands.add_parser("chat", help="talk with a language model in the terminal", epilog=EPILOG)
    chat.set_defaults(run="studio.cli.chat:chat")
    chat.add_argument("--model", metavar="NAME", help="the model that answers; `studio models` lists them")
    chat.add_argument("--system", metavar="TEXT", help="standing instructions for the model")
    chat.add_argument("--character", metavar="TEXT", help="who answers: a description")
    chat.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], dest="settings",
                      help="set a parameter; `studio generators` lists them")
    chat.add_argument("--input", metavar="NAME=FILE", action="append", default=[], dest="inputs",
                      help="context=FILE: a text that the conversation may see")
    chat.add_argument("--seed", type=int, metavar="N", help="of the first answer, others count up; random otherwise")
    chat.add_argument("--project", metavar="FILE", help="where /save keeps the conversation; it is made if need be")
    _json(chat)


def _add_grid(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    grid = commands.add_parser("grid", help="pictures over the values of one or two parameters, on one sheet")
    grid.set_defaults(run="studio.cli.grid:grid", kind="image", count=1)
    grid.add_argument("prompt", metavar="PROMPT", nargs="?", default=None, help="what to make; - reads it from stdin")
    axis = "such as steps=4,10,20 or seed=1..4; prompt=red,blue puts blue in the place of red"
    grid.add_argument("--x", metavar="NAME=VALUES", required=True, help=axis)
    grid.add_argument("--y", metavar="NAME=VALUES", help="a second parameter, for the rows")
    grid.add_argument("--generator", metavar="ID", help="a generator's id, such as diffusion.image")
    grid.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], dest="settings",
                      help="set a parameter for all pictures")
    grid.add_argument("--input", metavar="NAME=FILE", action="append", default=[], dest="inputs",
                      help="give a file to a media parameter")
    grid.add_argument("--seed", type=int, metavar="N", help="the seed of all pictures; random otherwise")
    grid.add_argument("-o", "--output", metavar="PATH", help="where the sheet goes; otherwise grid.png")
    grid.add_argument("--project", metavar="FILE", help="keep the pictures and the sheet in this project too")
    _json(grid)


def _add_listings(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    listing = commands.add_parser("generators", help="what can make something, and its parameters")
    listing.set_defaults(run="studio.cli.plugins:generators")
    _json(listing)

    plugins = commands.add_parser("plugins", help="installed plugins; check one")
    plugins.set_defaults(run="studio.cli.plugins:plugins")
    _json(plugins)
    parts = plugins.add_subparsers(dest="part", metavar="PART")
    check = parts.add_parser("check", help="run the public test harness against an installed plugin")
    check.set_defaults(run="studio.cli.plugins:check")
    check.add_argument("name", metavar="NAME")
    _json(check)


def _add_models(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    models = commands.add_parser("models", help="list, install and remove models")
    models.set_defaults(run="studio.cli.models:models")
    _json(models)
    parts = models.add_subparsers(dest="part", metavar="PART")
    install = parts.add_parser("install", help="install a pack, or use a folder of your own where it lies")
    install.set_defaults(run="studio.cli.models:install")
    install.add_argument("names", metavar="NAME", nargs="*", help="a pack of `studio models`, or a folder or GGUF file")
    install.add_argument("--default", action="store_true", help="the packs that Pieria starts with")
    _json(install)
    remove = parts.add_parser("remove", help="delete an installed pack, or forget a folder of your own")
    remove.set_defaults(run="studio.cli.models:remove")
    remove.add_argument("name", metavar="NAME")
    _json(remove)


def _add_project(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    project = commands.add_parser("project", help="look into a project file, check it, take canvases out and in")
    parts = project.add_subparsers(dest="part", metavar="PART", required=True)
    info = parts.add_parser("info", help="what is in it")
    info.set_defaults(run="studio.cli.project:info")
    info.add_argument("file", metavar="FILE")
    _json(info)
    check = parts.add_parser("check", help="is everything in it whole? never changes it")
    check.set_defaults(run="studio.cli.project:check")
    check.add_argument("file", metavar="FILE")
    _json(check)
    compact = parts.add_parser("compact", help="throw out for good what was thrown away, and make the file small")
    compact.set_defaults(run="studio.cli.project:compact")
    compact.add_argument("file", metavar="FILE")
    compact.add_argument("--days", type=float, metavar="N", default=30.0,
                         help="of the results, those thrown away more than N days ago (default 30; 0: all)")
    _json(compact)
    replay = parts.add_parser("replay", help="run a result's recipe again and compare the bytes")
    replay.set_defaults(run="studio.cli.project:replay")
    replay.add_argument("file", metavar="FILE")
    replay.add_argument("result", metavar="RESULT", help="its id, or the beginning of it; `last` is the newest")
    replay.add_argument("-o", "--output", metavar="PATH", help="write the new one here")
    _json(replay)
    _add_canvases(parts)


def _add_canvases(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    export = parts.add_parser("export", help="write a canvas as .ora, .psd, .png, .jpg, .webp or .tiff; a sound "
                                             "document as .wav, .flac, .ogg, .mp3, .mid, .musicxml, .srt, .vtt, or its "
                                             "stems into a FOLDER/; a manuscript as .md, .txt, .docx, .epub, "
                                             ".odt, .html, .pdf, its story notes as .json")
    export.set_defaults(run="studio.cli.documents:export")
    export.add_argument("file", metavar="FILE")
    export.add_argument("-o", "--output", metavar="PATH", required=True, help="its ending says the format")
    export.add_argument("--document", metavar="NAME", help="title or id of the document, where there are several")
    export.add_argument("--quality", type=int, default=95, metavar="N", help="of .jpg, .webp, .ogg and .mp3, 1 to 100")
    export.add_argument("--loudness", type=float, metavar="LUFS", help="bring sound to this loudness, such as -16")
    export.add_argument("--depth", choices=("16", "24", "float"), default="16", help="bits a sample of .wav and .flac")
    export.add_argument("--authorship", action="store_true",
                        help="of a manuscript: say who wrote how much, and mark it in .docx and .html")
    export.add_argument("--synopses", action="store_true",
                        help="of a manuscript: those of scenes, as comments in .md, .html, .docx and .odt")
    export.add_argument("--author", metavar="NAME", help="of a manuscript, for its title page")
    export.add_argument("--no-metadata", action="store_true", help="do not say in the file how it was made")
    _json(export)
    bring = parts.add_parser("import", help="make a canvas of each picture, with its layers; a sound document of "
                                            "sounds, films, MIDI and caption files; a manuscript of each .md, .txt "
                                            "and .docx; story notes of lorebooks and character cards")
    bring.set_defaults(run="studio.cli.documents:bring")
    bring.add_argument("file", metavar="FILE", help="the project; it is made if need be")
    bring.add_argument("pictures", metavar="FILE", nargs="+", help="what to take in")
    bring.add_argument("--title", metavar="NAME", help="of the new document; the file's name otherwise")
    bring.add_argument("--document", metavar="NAME", help="add sounds, or story notes, to this document")
    _json(bring)


def _add_others(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    inspect = commands.add_parser("inspect", help="the recipe and marks in any exported file")
    inspect.set_defaults(run="studio.cli.project:inspect")
    inspect.add_argument("file", metavar="FILE")
    _json(inspect)

    bench = commands.add_parser("bench", help="measure, from a source checkout")
    bench.set_defaults(run="studio.cli.bench:bench")
    bench.add_argument("names", metavar="NAME", nargs="*", help="some of the benchmarks; all otherwise")
    _json(bench)

    demo = commands.add_parser("demo", help="one prompt in: a picture, a story and a project file out")
    demo.set_defaults(run="studio.cli.demo:demo")
    demo.add_argument("prompt", metavar="PROMPT", nargs="?", default="a red apple")
    demo.add_argument("--seed", type=int, default=7, metavar="N")
    demo.add_argument("-o", "--output", metavar="FOLDER", default="out")
    _json(demo)

    opening = commands.add_parser("open", help="open the window with a project")
    opening.set_defaults(run="studio.cli.window:open_window")
    opening.add_argument("file", metavar="FILE")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; `argv` is without the program's name. Returns the exit code."""
    arguments = build_parser().parse_args(argv)
    out = Output(json=getattr(arguments, "json", False))
    module, _, function = getattr(arguments, "run", "studio.cli.window:open_window").partition(":")
    with ExitStack() as stack:
        if arguments.command not in (None, "open"):  # the window has a log and an event loop of its own
            stack.callback(_stop_on_sigterm())
            stack.callback(_start_log(arguments.verbose))
        return _run(module, function, arguments, out)


def _run(module: str, function: str, arguments: argparse.Namespace, out: Output) -> int:
    try:
        code = getattr(import_module(module), function)(arguments, out)
        sys.stdout.flush()
    except CommandError as error:
        return out.fail(error)
    except KeyboardInterrupt:
        return out.fail(CommandError("Stopped.", STOPPED, kind="stopped"))
    except BrokenPipeError:
        return _nobody_reads()
    except OSError as error:
        message = f"{error.filename or 'The system'}: {error.strerror or error}."
        return out.fail(CommandError(message, FAILED, kind="system"))
    except Exception as error:
        logging.getLogger(__name__).exception("%s failed", arguments.command)
        message = f"Something unexpected went wrong ({type(error).__name__}: {error}); `studio -v` shows more."
        return out.fail(CommandError(message, FAILED, kind="bug", details=traceback.format_exc()))
    return int(code or DONE)


def _nobody_reads() -> int:
    """The reader of our stdout has gone away, as `head` does; nor may the interpreter's last flush complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def _stop_on_sigterm() -> Callable[[], None]:
    """SIGTERM ends a command as Ctrl+C does: the host is told, nothing is left running. Returns what undoes it."""
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)

    def undo() -> None:
        signal.signal(signal.SIGTERM, before)

    return undo


def _start_log(verbose: bool) -> Callable[[], None]:
    from studio import logs
    from studio.settings import Paths

    return logs.set_up(Paths.from_env().log, verbose=verbose)
