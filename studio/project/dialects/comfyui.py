"""ComfyUI: a graph of nodes under ``prompt`` (what ran) and ``workflow`` (what was drawn).

The settings are found by walking back from a sampler node. WebP files keep both in the EXIF tags Make and Model, as
"workflow:{...}" and "prompt:{...}".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio.project.dialects.settings import PictureSettings, name, parsed, real, side, text, whole

Node = Mapping[str, Any]
_TEXTS = ("text", "text_g", "prompt", "t5xxl", "clip_l", "string", "value", "text_l", "positive", "wildcard_text")
_VALUES = ("value", "seed", "noise_seed", "int", "float", "number", "string", "text")
_MODELS = ("ckpt_name", "unet_name", "model_name", "checkpoint", "base_ckpt_name")


class Graph:
    """Nodes by id; inputs are values or links ``[id, output]``."""

    def __init__(self, nodes: Mapping[str, Any]) -> None:
        self.nodes = {str(key): node for key, node in nodes.items()
                      if isinstance(node, dict) and isinstance(node.get("inputs"), dict)}

    def follow(self, value: Any) -> Node | None:
        """The node that a link comes from."""
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], (str, int)):
            return self.nodes.get(str(value[0]))
        return None

    def value(self, node: Node | None, *names: str, seen: set[int] | None = None) -> Any:
        """The first input of these names, through links to nodes that only hold a value."""
        seen = set() if seen is None else seen
        if node is None or id(node) in seen:
            return None
        seen.add(id(node))  # a graph from anywhere may go in circles
        for key in names:
            found = node["inputs"].get(key)
            source = self.follow(found)
            if source is not None:
                found = self.value(source, key, *_VALUES, seen=seen)
            if found is not None and not isinstance(found, (list, dict)):
                return found
        return None

    def upstream(self, node: Node | None, key: str) -> Iterator[Node]:
        """The node linked to the input `key`, then everything that it is made from, nearest first."""
        waiting, seen = [self.follow(node["inputs"].get(key)) if node else None], set[int]()
        while waiting and len(seen) < 2000:
            current = waiting.pop(0)
            if current is None or id(current) in seen:
                continue
            seen.add(id(current))
            yield current
            waiting += [self.follow(value) for value in current["inputs"].values()]

    def words(self, node: Node | None, key: str) -> str:
        """The prompt that reaches an input: the texts of the encoders before it."""
        for source in self.upstream(node, key):
            if "Encode" in kind(source) or "Text" in kind(source) or "Prompt" in kind(source):
                found = text(self.value(source, *_TEXTS))
                if found:
                    return found
        return ""


def kind(node: Node) -> str:
    """The class of a node."""
    return str(node.get("class_type", ""))


def from_workflow(workflow: Mapping[str, Any]) -> dict[str, Any]:
    """The drawn graph in the shape of the run one, for the node classes whose widgets are known."""
    links = {link[0]: [str(link[1]), link[2]] for link in workflow.get("links", [])
             if isinstance(link, list) and len(link) >= 5}
    names = {
        "KSampler": ("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
        "KSamplerAdvanced": ("", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler"),
        "CLIPTextEncode": ("text",), "EmptyLatentImage": ("width", "height"),
        "EmptySD3LatentImage": ("width", "height"), "CheckpointLoaderSimple": ("ckpt_name",),
        "UNETLoader": ("unet_name",), "RandomNoise": ("noise_seed",), "KSamplerSelect": ("sampler_name",),
        "BasicScheduler": ("scheduler", "steps", "denoise"), "FluxGuidance": ("guidance",), "CFGGuider": ("cfg",),
    }
    nodes: dict[str, Any] = {}
    for node in workflow.get("nodes", [])[:5000]:
        if not isinstance(node, dict) or node.get("mode") in (2, 4):  # muted, bypassed
            continue
        widgets = node.get("widgets_values")
        values = widgets if isinstance(widgets, list) else []
        inputs: dict[str, Any] = {key: value for key, value in
                                  zip(names.get(str(node.get("type")), ()), values, strict=False) if key}
        for put in node.get("inputs") or []:
            if isinstance(put, dict) and put.get("link") in links:
                inputs[str(put.get("name"))] = links[put["link"]]
        nodes[str(node.get("id"))] = {"class_type": str(node.get("type")), "inputs": inputs}
    return nodes


def _sampler(graph: Graph) -> Node | None:
    """The sampler nearest to a picture that was kept, or the first there is."""
    samplers = [n for n in graph.nodes.values()
                if "Sampler" in kind(n) and any(key in n["inputs"] for key in ("positive", "guider", "latent_image"))]
    for node in graph.nodes.values():
        if "Save" in kind(node) or "Preview" in kind(node):
            for source in graph.upstream(node, "images"):
                if any(source is sampler for sampler in samplers):
                    return source
    return samplers[0] if samplers else None


def read(texts: Mapping[str, str]) -> PictureSettings | None:
    """Settings from ``prompt``, else from ``workflow``."""
    make, model = texts.get("Make", ""), texts.get("Model", "")
    tags = {value.partition(":")[0].lower(): value.partition(":")[2] for value in (make, model) if ":{" in value[:20]}
    run = parsed(texts.get("prompt") or tags.get("prompt"))
    drawn = parsed(texts.get("workflow") or tags.get("workflow"))
    graph = Graph(run or {})
    if not graph.nodes and drawn is not None:
        graph = Graph(from_workflow(drawn))
    if not graph.nodes:
        return None
    return _settings(graph, _sampler(graph))


def _settings(graph: Graph, sampler: Node | None) -> PictureSettings:
    guider = next(iter(graph.upstream(sampler, "guider")), None)
    noise = next(iter(graph.upstream(sampler, "noise")), None)
    sigmas = next(iter(graph.upstream(sampler, "sigmas")), None)
    chosen = next(iter(graph.upstream(sampler, "sampler")), None)
    conditioned, positive = (guider, "conditioning") if guider and "conditioning" in guider["inputs"] else (
        guider or sampler, "positive")
    latent = next((n for n in graph.upstream(sampler, "latent_image") if "width" in n["inputs"]), None)
    loaders = [n for n in graph.upstream(guider or sampler, "model") if any(key in n["inputs"] for key in _MODELS)]
    method = name(graph.value(chosen, "sampler_name") or graph.value(sampler, "sampler_name"))
    schedule = name(graph.value(sigmas, "scheduler") or graph.value(sampler, "scheduler"))
    guidance = next((graph.value(n, "guidance") for n in graph.upstream(conditioned, positive)
                     if "FluxGuidance" in kind(n)), None)
    return PictureSettings(
        "comfyui", graph.words(conditioned, positive), graph.words(guider or sampler, "negative"),
        whole(graph.value(noise, "noise_seed") or graph.value(sampler, "seed", "noise_seed")),
        whole(graph.value(sigmas, "steps") or graph.value(sampler, "steps"), 1, 100_000),
        real(guidance if guidance is not None else graph.value(guider, "cfg") or graph.value(sampler, "cfg")),
        f"{method} {schedule}".strip() if schedule not in ("", "normal", "simple") else method,
        side(graph.value(latent, "width")), side(graph.value(latent, "height")),
        name(graph.value(loaders[0], *_MODELS)) if loaders else "",
        real(graph.value(sigmas, "denoise") or graph.value(sampler, "denoise")))
