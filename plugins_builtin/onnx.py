"""Networks in ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugins_builtin.threads import share_cores
from studio.plugins import Context, Device, GeneratorError, ModelFiles


def open_network(files: ModelFiles, device: Device) -> Any:
    """An onnxruntime session of the model's file. Raises `GeneratorError`, naming the model."""
    share_cores(device)
    import onnxruntime

    path = files.path if files.path.is_file() else _only(files.path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = max(1, device.threads), 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    # idle threads would spin and take the cores from the program beside us
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own classes derive from RuntimeError, ValueError or Exception
        raise GeneratorError(
            f"The model {files.name} cannot be loaded: {path.name} is missing or damaged. Install it again."
        ) from error


def _only(folder: Path) -> Path:
    return min(folder.glob("*.onnx"), default=folder / "network.onnx")


def run_watched(session: Any, feeds: dict[str, Any], ctx: Context, outputs: list[str] | None = None) -> list[Any]:
    """Run a network that may take seconds, and end it in the middle where the person stops the job.

    Raises `Cancelled`.
    """
    import threading

    import onnxruntime

    options = onnxruntime.RunOptions()
    options.log_severity_level = 4  # "terminated" is no error here
    made: list[Any] = []
    failed: list[Exception] = []
    done = threading.Event()

    def work() -> None:
        try:
            made.extend(session.run(outputs, feeds, options))
        except Exception as error:  # onnxruntime's own classes
            failed.append(error)
        finally:
            done.set()

    worker = threading.Thread(target=work, name="network", daemon=True)
    ctx.check()
    worker.start()
    try:
        while not done.wait(0.02):
            ctx.check()
    except BaseException:
        options.terminate = True
        worker.join()
        raise
    worker.join()
    if failed:
        raise failed[0]
    return made
