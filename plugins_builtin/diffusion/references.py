"""IP-Adapters: pictures whose look the result takes over.

Source: Ye et al. 2023, "IP-Adapter: Text Compatible Image Prompt Adapter for Text-to-Image Diffusion Models",
arXiv:2308.06721. A folder holds `ip-adapter*.safetensors` and, in `image_encoder`, the CLIP vision model of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plugins_builtin.diffusion.settings import Lead
from plugins_builtin.weights import check_folder, first_line
from studio.plugins import GeneratorError, ModelFiles

ENCODER = "image_encoder"


def adapter_file(files: ModelFiles) -> Path:
    """The adapter's weights in its folder; of several the one with the shortest name. Raises `GeneratorError`."""
    found = sorted(files.path.glob("ip-adapter*.safetensors"), key=lambda path: (len(path.name), path.name))
    if not found or not (files.path / ENCODER / "config.json").is_file():
        raise GeneratorError(f"The reference model {files.name} needs ip-adapter.safetensors and a folder "
                             f"{ENCODER}; install it again.")
    return found[0]


class References:
    """The IP-Adapters on a pipeline. They are taken off again for runs without one, which must be as they were."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._on: tuple[Path, ...] = ()
        self._leads: tuple[Lead, ...] = ()

    def use(self, leads: Sequence[Lead]) -> dict[str, Any]:
        """Let just these pictures count; returns what the pipeline is called with.

        Raises:
            GeneratorError: an adapter is broken or made for another kind of model.
        """
        import PIL.Image

        wanted = tuple(adapter_file(lead.files) for lead in leads)
        self._leads = tuple(leads)
        if wanted != self._on:
            self._take_off()
            if wanted:
                self._put_on(wanted, leads)
        if not wanted:
            return {}
        self.at(0.0)
        return {"ip_adapter_image": [[PIL.Image.fromarray(lead.picture)] for lead in leads]}

    def at(self, share: float) -> None:
        """A share of the steps is done: what counts from here on."""
        if self._leads:
            self._pipeline.set_ip_adapter_scale(
                [lead.weight if lead.start <= share < lead.end else 0.0 for lead in self._leads])

    def _put_on(self, wanted: tuple[Path, ...], leads: Sequence[Lead]) -> None:
        for lead in leads:
            check_folder(lead.files)
        name = leads[0].files.name
        try:
            self._pipeline.load_ip_adapter(
                [str(path.parent) for path in wanted], subfolder=[""] * len(wanted),
                weight_name=[path.name for path in wanted], image_encoder_folder=ENCODER, local_files_only=True,
            )
        except Exception as error:  # loaders raise OSError, ValueError, KeyError, RuntimeError, ...
            self._take_off()
            raise GeneratorError(f"The reference model {name} does not fit the model that draws: "
                                 f"{first_line(error)}. Choose one made for it.") from error
        encoder = self._pipeline.image_encoder
        encoder.to(self._pipeline.unet.device, self._pipeline.unet.dtype)
        self._on = wanted

    def _take_off(self) -> None:
        """Leave the pipeline as it was loaded, also after half an adapter."""
        pipeline, self._on = self._pipeline, ()
        if getattr(pipeline, "image_encoder", None) is None and pipeline.unet.encoder_hid_proj is None:
            return
        pipeline.unload_ip_adapter()
        pipeline.unet.encoder_hid_proj = None
        pipeline.unet.config.encoder_hid_dim_type = None
