"""The commands of the list of layers, each one step of the document's history."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from studio.project.paint import edit
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.ui.canvas.document import CanvasDocument
from studio.ui.canvas.panels import layerops as ops

Change = Callable[[Picture], Picture]


class LayerCommands:
    """Runs commands by name on the document: those over many pixels off the UI thread."""

    def __init__(self, document: CanvasDocument) -> None:
        self.document = document

    def do(self, command: str, ids: Sequence[str]) -> None:
        """Do `command` with these layers, of which the active one leads. An unknown command does nothing."""
        document, active = self.document, self.document.active
        changes = self._tree(list(ids), active)
        heavy = self._heavy(active)
        if command in heavy:
            label, change = heavy[command]
            document.run(label, change)
        elif command in changes:
            label, change = changes[command]
            before = document.active
            document.edit(label, change)
            if command in ("mask", "mask-hide") and before is not None and before.mask is None:
                document.set_painting_mask(True)

    def set_props(self, label: str, ids: Sequence[str], merge: str = "", **changes: object) -> None:
        self.document.edit(label, lambda picture: ops.set_all(picture, ids, **changes), merge)

    def _tree(self, ids: list[str], active: Layer | None) -> dict[str, tuple[str, Change]]:
        found: dict[str, tuple[str, Change]] = {
            "add": ("New layer", ops.add_empty),
            "add-group": ("New group", lambda picture: ops.add_empty(picture, "group")),
        }
        if active is None:
            return found
        many = "layers" if len(ids) > 1 else "layer"
        key = active.id
        return found | {
            "duplicate": (f"Duplicate {many}", lambda picture: ops.duplicate_all(picture, ids)),
            "delete": (f"Delete {many}", lambda picture: ops.remove_all(picture, ids)),
            "group": ("Group", lambda picture: edit.group(picture, ids, ops.free_name(picture, "Group"))),
            "ungroup": ("Ungroup", lambda picture: edit.ungroup(picture, key)),
            "raise": (f"Raise {many}", lambda picture: ops.shift(picture, ids, True)),
            "lower": (f"Lower {many}", lambda picture: ops.shift(picture, ids, False)),
            **self._switches(ids, active), **self._masks(active),
        }

    def _switches(self, ids: list[str], active: Layer) -> dict[str, tuple[str, Change]]:
        def switch(name: str, on: bool) -> Change:
            return lambda picture: ops.set_all(picture, ids, **{name: on})

        group = active.kind == "group"
        found: dict[str, tuple[str, Change]] = {
            "visible": ("Hide" if active.visible else "Show", switch("visible", not active.visible)),
            "lock": ("Unlock" if active.locked else "Lock", switch("locked", not active.locked)),
            "alpha": ("Transparency lock", switch("alpha_locked", not active.alpha_locked)),
            "clip": ("Clipping", switch("clipped", not active.clipped)),
        }
        if group:
            found |= {"fold": ("Fold", lambda picture: edit.set_props(picture, active.id, folded=True)),
                      "unfold": ("Unfold", lambda picture: edit.set_props(picture, active.id, folded=False))}
        return found

    def _masks(self, active: Layer) -> dict[str, tuple[str, Change]]:
        key = active.id
        found: dict[str, tuple[str, Change]] = {}
        if active.mask is None:
            found |= {"mask": ("Add mask", lambda picture: edit.mask_from_selection(picture, key)),
                      "mask-hide": ("Add mask", lambda picture: edit.mask_from_selection(picture, key, hide=True))}
        else:
            found |= {"mask-toggle": ("Mask on or off",
                                      lambda picture: edit.set_props(picture, key, mask_on=not active.mask_on)),
                      "mask-delete": ("Delete mask", lambda picture: edit.set_mask(picture, key, None))}
        return found

    def _heavy(self, active: Layer | None) -> dict[str, tuple[str, Change]]:
        """What goes over many pixels."""
        found: dict[str, tuple[str, Change]] = {
            "merge-visible": ("Merge visible", edit.merge_visible), "flatten": ("Flatten", edit.flatten)}
        if active is None:
            return found
        key = active.id
        return found | {
            "merge-down": ("Merge down", lambda picture: edit.merge_down(picture, key)),
            "rasterize": ("Merge group" if active.kind == "group" else "Turn text into pixels",
                          lambda picture: edit.rasterize(picture, key)),
            "mask-apply": ("Apply mask", lambda picture: edit.apply_mask(picture, key)),
            "mask-invert": ("Invert mask", lambda picture: ops.invert_mask(picture, key)),
            "select": ("Select pixels", lambda picture: ops.select_layer(picture, key)),
            "mask-select": ("Select by mask", lambda picture: ops.select_layer(picture, key, "mask")),
        }
