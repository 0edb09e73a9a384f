"""Photoshop files (.psd), both ways, by psd-tools: layers, groups, blend modes, opacity, visibility, clipping, masks.

Source of the structure: Adobe Photoshop File Formats Specification. What a PSD cannot say (prompts, control layers, the
selection, the inpaint mask) stays behind; texts become pixels.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, CompatibilityMode, ProtectedFlags, Resource, Tag
from psd_tools.psd.image_resources import ImageResource

from studio.project.export import write_atomically
from studio.project.formats.common import Opened, WriteOptions, extent, premultiplied, straight
from studio.project.formats.limits import MAX_DEPTH, Budget, FormatError, check_file, check_size, damaged
from studio.project.paint.compositor import compose
from studio.project.paint.layer import Layer, new_id
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Pixels, Plane, from_qimage

MODES = {
    "normal": BlendMode.NORMAL, "darken": BlendMode.DARKEN, "multiply": BlendMode.MULTIPLY,
    "color-burn": BlendMode.COLOR_BURN, "linear-burn": BlendMode.LINEAR_BURN, "lighten": BlendMode.LIGHTEN,
    "screen": BlendMode.SCREEN, "color-dodge": BlendMode.COLOR_DODGE, "plus": BlendMode.LINEAR_DODGE,
    "overlay": BlendMode.OVERLAY, "soft-light": BlendMode.SOFT_LIGHT, "hard-light": BlendMode.HARD_LIGHT,
    "vivid-light": BlendMode.VIVID_LIGHT, "linear-light": BlendMode.LINEAR_LIGHT, "pin-light": BlendMode.PIN_LIGHT,
    "difference": BlendMode.DIFFERENCE, "exclusion": BlendMode.EXCLUSION, "subtract": BlendMode.SUBTRACT,
    "divide": BlendMode.DIVIDE, "hue": BlendMode.HUE, "saturation": BlendMode.SATURATION, "color": BlendMode.COLOR,
    "luminosity": BlendMode.LUMINOSITY,
}
_OURS = {theirs: ours for ours, theirs in MODES.items()} | {BlendMode.PASS_THROUGH: "normal"}
_COLOURS = {0: "black and white", 1: "grey", 2: "indexed", 3: "", 4: "CMYK", 7: "multichannel", 8: "duotone", 9: "Lab"}
_BUDGET = 4 << 30
"""Bytes that one layer may take while psd-tools unpacks it."""


# ---------------------------------------------------------------- writing

def write(picture: Picture, path: str | Path, options: WriteOptions | None = None) -> list[str]:
    """Write all layers. Returns what was lost, one sentence each. Raises ProjectError where the place cannot be
    written."""
    options = options or WriteOptions()
    merged = straight(from_qimage(compose(picture, picture.rect)))
    document = PSDImage.frompil(merged)
    document.compatibility_mode = CompatibilityMode.CLIP_STUDIO_PAINT  # in which groups may be clipped, too
    writer = _Writer(picture)
    writer.layers(document, picture.layers)
    record: Any = document._record  # its low-level structure: `save` would compose the layers a second time, in floats
    info = record.layer_and_mask_information.layer_info
    if info is not None:
        info.layer_count = -abs(info.layer_count)  # negative: the merged picture's fourth channel is its transparency
    if options.xmp:
        record.image_resources[Resource.XMP_METADATA] = ImageResource(key=Resource.XMP_METADATA.value, data=options.xmp)
    out = io.BytesIO()
    record.write(out)
    write_atomically(Path(path), out.getvalue())
    return writer.notes


class _Writer:
    """Adds a picture's layers to a document.

    Attributes:
        notes: what a PSD does not keep, one sentence each.
    """

    def __init__(self, picture: Picture) -> None:
        self.notes: list[str] = []
        self._picture = picture
        layers = [layer for layer, _ in picture.walk()]
        texts = sum(layer.kind == "text" for layer in layers)
        if texts:
            self.notes.append(f"{texts} text layer{' was' if texts == 1 else 's were'} written as pixels.")
        if any(layer.prompt or layer.control for layer in layers):
            self.notes.append("Prompts and control settings of layers were left out; OpenRaster keeps them.")

    def layers(self, parent: Any, layers: tuple[Layer, ...]) -> None:
        """Add layers, the rearmost first."""
        for layer in layers:
            if layer.kind == "group":
                made = parent.create_group(opacity=_byte(layer.opacity),
                                           blend_mode=MODES[layer.blend], open_folder=not layer.folded)
                own = made._bounding_channels  # psd-tools gives both ends of a group one list, which a mask would spoil
                made._set_bounding_records(made._bounding_record, type(own)(list(own)))
                self.layers(made, layer.children)
            else:
                made = self._pixels(parent, layer)
            self._properties(made, layer)

    def _pixels(self, parent: Any, layer: Layer) -> Any:
        bounds, whole = extent(layer.plane, self._picture, layer.dx, layer.dy)
        if not whole:
            self.notes.append(f"Pixels of layer “{layer.name}” far outside the artboard were left out.")
        image = straight(layer.plane.read(*bounds))
        return parent.create_pixel_layer(image, top=bounds.y + layer.dy, left=bounds.x + layer.dx,
                                         opacity=_byte(layer.opacity), blend_mode=MODES[layer.blend])

    def _properties(self, made: Any, layer: Layer) -> None:
        made.name = _plain(layer.name)[:255]
        made.visible = layer.visible
        if layer.clipped:
            made.clipping = True
        if layer.locked or layer.alpha_locked:
            # not `lock`, which changes a copy where the layer has no such block yet
            made.tagged_blocks.set_data(Tag.PROTECTED_SETTING, (ProtectedFlags.COMPLETE if layer.locked else 0)
                                        | (ProtectedFlags.TRANSPARENCY if layer.alpha_locked else 0))
        if layer.mask is None:
            return
        bounds, _ = extent(layer.mask, self._picture, layer.dx, layer.dy)
        mask = made.create_mask(PIL.Image.fromarray(layer.mask.read(*bounds)), top=bounds.y + layer.dy,
                                left=bounds.x + layer.dx)
        mask.data.background_color = layer.mask.default
        mask.disabled = not layer.mask_on


def _byte(opacity: float) -> int:
    return round(min(max(opacity, 0.0), 1.0) * 255)


def _share(byte: int) -> float:
    """Opacity of a byte. Programs show whole percents, so one that stands for a whole percent is taken as that."""
    percent = round(byte / 2.55)
    return percent / 100 if _byte(percent / 100) == byte else byte / 255


# ---------------------------------------------------------------- reading

def read(path: str | Path) -> Opened:
    """The layers of a PSD or PSB. Raises FormatError."""
    place = Path(path)
    check_file(place)
    mode, depth = _check_header(place)
    try:
        document = PSDImage.open(place, max_alloc_bytes=_BUDGET)
        document.compatibility_mode = CompatibilityMode.CLIP_STUDIO_PAINT
        return _Reader(document, place.name, mode, depth).read()
    except FormatError:
        raise
    except MemoryError as error:
        raise FormatError(f"There is not enough memory to open {place.name}; close something first.") from error
    except Exception as error:  # psd-tools raises all sorts on broken files
        raise damaged(place.name) from error


def _check_header(place: Path) -> tuple[int, int]:
    """Colour mode and bits a channel. Raises FormatError before anything large is read."""
    with place.open("rb") as file:
        head = file.read(26)
    if len(head) < 26 or head[:4] != b"8BPS":
        raise damaged(place.name)
    _, _, height, width, depth, mode = struct.unpack(">H6xHIIHH", head[4:])
    check_size(place.name, width, height)
    return mode, depth


class _Reader:
    """Reads one document."""

    def __init__(self, document: Any, name: str, mode: int, depth: int) -> None:
        self._document, self._name = document, name
        self._budget = Budget(name)
        self._notes: list[str] = []
        self._flat: list[str] = []
        self._left: list[str] = []
        if depth > 8:
            self._notes.append(f"{name} has {depth} bits a channel; it was reduced to 8.")
        if colours := _COLOURS.get(mode, "unknown"):
            self._notes.append(f"{name} is {colours}; its colours were converted to sRGB.")
        elif Resource.ICC_PROFILE in document.image_resources:
            self._notes.append(f"The colours of {name} were converted from its profile to sRGB where they differ.")

    def read(self) -> Opened:
        width, height = self._document.size
        layers = self._layers(self._document, 0)
        if not layers:
            layers = self._merged(width, height)
        if self._flat:
            self._notes.append(f"Taken as pixels: {_few(self._flat)}.")
        if self._left:
            self._notes.append(f"Left out, as they have no pixels of their own: {_few(self._left)}.")
        return Opened(Picture(width, height, layers, layers[-1].id if layers else ""), self._notes)

    def _merged(self, width: int, height: int) -> tuple[Layer, ...]:
        self._budget.pixels(width, height)
        image = self._document.topil()
        plane = Plane.from_array(premultiplied(image)) if image is not None else Plane.empty()
        return (Layer(new_id(), "Background", plane=plane),)

    def _layers(self, group: Any, depth: int) -> tuple[Layer, ...]:
        if depth > MAX_DEPTH:
            self._left.append("groups too deep in others")
            return ()
        made = (self._layer(layer, depth) for layer in group)
        return tuple(layer for layer in made if layer is not None)

    def _layer(self, source: Any, depth: int) -> Layer | None:
        self._budget.layer()
        locks = int(source.tagged_blocks.get_data(Tag.PROTECTED_SETTING, 0))
        title = (source.name or "Layer")[:200]
        blend = _OURS.get(source.blend_mode)
        if blend is None:
            self._notes.append(f"Layer “{title}” is drawn with “{source.blend_mode.name.lower().replace('_', ' ')}”, "
                               "which is not known; here normally.")
        layer = Layer(new_id(), title, opacity=_share(source.opacity), blend=blend or "normal", visible=source.visible,
                      clipped=bool(source.clipping),
                      locked=bool(locks & (ProtectedFlags.COMPLETE | ProtectedFlags.COMPOSITE)),
                      alpha_locked=bool(locks & ProtectedFlags.TRANSPARENCY),
                      **self._mask(source, title))
        if source.is_group():
            children = self._layers(source, depth + 1)
            if source.blend_mode == BlendMode.PASS_THROUGH and any(child.blend != "normal" for child in children):
                self._notes.append(f"Group “{title}” lets its layers mix with what is below it; here it is isolated.")
            return layer.with_(kind="group", children=children, folded=not getattr(source, "open_folder", True))
        if source.tagged_blocks.get(Tag.BLEND_FILL_OPACITY) is not None:
            layer = layer.with_(opacity=layer.opacity * source.fill_opacity / 255)
        if source.has_effects():
            self._flat.append(f"“{title}” without its layer effects")
        return self._with_pixels(layer, source, title)

    def _with_pixels(self, layer: Layer, source: Any, title: str) -> Layer | None:
        if source.kind not in ("pixel", "type", "smartobject", "shape"):
            self._left.append(f"“{title}” ({source.kind})")
            return None
        if source.kind != "pixel":
            self._flat.append(f"“{title}” ({'text' if source.kind == 'type' else source.kind})")
        if source.width < 1 or source.height < 1:
            return layer
        self._budget.pixels(source.width, source.height)
        try:
            image = source.topil()
        except (ValueError, IndexError, KeyError, AttributeError) as error:
            self._notes.append(f"The pixels of layer “{title}” are damaged and left empty ({error}).")
            return layer
        if image is None:
            return layer
        return layer.with_(plane=Plane.from_array(premultiplied(image), source.left, source.top))

    def _mask(self, source: Any, title: str) -> dict[str, Any]:
        mask = source.mask
        if mask is None:
            return {}
        default = 255 if mask.background_color > 127 else 0
        plane = Plane.empty(1, default)
        if mask.width > 0 and mask.height > 0:
            self._budget.pixels(mask.width, mask.height, 1)
            try:
                image = mask.topil()
            except (ValueError, IndexError, KeyError, AttributeError):
                image = None
            if image is None:
                self._notes.append(f"The mask of layer “{title}” cannot be read and was left out.")
                return {}
            plane = plane.write(_grey(image), mask.left, mask.top)
        return {"mask": plane, "mask_on": not mask.disabled}


def _plain(name: str) -> str:
    """Without lone surrogates, which no encoding takes."""
    return name.encode("utf-16", "replace").decode("utf-16")


def _grey(image: PIL.Image.Image) -> Pixels:
    return np.array(image.convert("L"))


def _few(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
