"""Networks in ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugins_builtin.threads import share_cores
from studio.plugins import Device, GeneratorError, ModelFiles


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
