"""Tiny random models, made on the spot: real folders and files in the real layouts, with nothing learnt in them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from studio.plugins import Cancelled, Context, Device, Image, ModelFiles, ModelMissing


@dataclass
class Recorder(Context):
    """A context that remembers every push, and stops the run at `stop_at` checks or after `stop_after` tokens."""

    files: ModelFiles
    data_dir: Path
    device: Device = field(default_factory=lambda: Device("cpu", "float32", "CPU", 1))
    previews: bool = True
    stop_at_step: int = -1
    stop_after_tokens: int = -1
    steps: list[tuple[int, int]] = field(default_factory=list)
    pictures: list[Image] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    stopped_at: float = 0.0
    others: dict[str, ModelFiles] = field(default_factory=dict)

    def model(self, name: str = "model") -> ModelFiles:
        if name == "model":
            return self.files
        if name not in self.others:
            raise ModelMissing(f"No weights were given for {name}.", name)
        return self.others[name]

    def check(self) -> None:
        if 0 <= self.stop_after_tokens <= len(self.tokens):
            self._stop()

    def _stop(self) -> None:
        self.stopped_at = self.stopped_at or time.perf_counter()
        raise Cancelled

    def progress(self, step: int, of: int, preview: Image | None = None, message: str = "") -> None:
        assert 0 <= step <= of
        self.check()
        self.steps.append((step, of))
        if preview is not None:
            self.pictures.append(preview)
        if 0 <= self.stop_at_step <= step:
            self._stop()

    def wants_preview(self) -> bool:
        return self.previews

    def token(self, text: str) -> None:
        self.check()
        self.tokens.append(text)

    def audio(self, samples: np.ndarray, rate: int) -> None:
        self.check()

    def log(self, text: str) -> None:
        self.logs.append(text)


# ---------------------------------------------------------------- pictures


def write_clip_tokenizer(folder: Path, length: int = 16) -> int:
    """A byte-level CLIP tokenizer without merges; returns the size of its vocabulary."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = _byte_letters()
    tokens = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}), "utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "CLIPTokenizer",
                "model_max_length": length,
                "bos_token": "<|startoftext|>",
                "eos_token": "<|endoftext|>",
                "unk_token": "<|endoftext|>",
                "pad_token": "<|endoftext|>",
            }
        ),
        "utf-8",
    )
    return len(tokens)


def _byte_letters() -> list[str]:
    """The 256 printable letters that byte-level BPE (GPT-2) writes bytes with."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(256 - len(plain))]


def write_stable_diffusion(folder: Path, prediction: str = "epsilon", zero_snr: bool = False,
                           channels: int = 4, in_channels: int = 0, width: int = 8) -> Path:
    """A StableDiffusionPipeline folder: latents at a quarter of the size, 16 tokens, a few thousand random weights.

    in_channels: 9 makes the kind that reads a mask and the rest of the picture besides 4 latent channels.
    """
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    vocabulary = write_clip_tokenizer(folder / "tokenizer")
    torch.manual_seed(1)
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=in_channels or channels,
        out_channels=channels,
        block_out_channels=(width, 16),
        layers_per_block=1,
        norm_num_groups=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=2,
    )
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        layers_per_block=1,
        norm_num_groups=4,
        latent_channels=channels,
        sample_size=64,
    )
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=16,
            eos_token_id=vocabulary - 1,
            bos_token_id=vocabulary - 2,
            pad_token_id=vocabulary - 1,
        )
    )
    scheduler = DDIMScheduler(
        beta_schedule="scaled_linear",
        prediction_type=prediction,
        rescale_betas_zero_snr=zero_snr,
        timestep_spacing="trailing" if zero_snr else "leading",
        clip_sample=False,
        steps_offset=1,
    )
    StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
    return folder


def write_controlnet(folder: Path, model: Path, seed: int = 4) -> Path:
    """A ControlNet for a tiny model, with random weights where a new one has zeros."""
    import torch
    from diffusers import ControlNetModel, UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(model / "unet")
    control = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(8, 8, 8))
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in control.parameters():
            if not weight.any():
                weight.copy_(torch.randn(weight.shape, generator=draw) * 0.3)
    control.save_pretrained(folder)
    return folder


def write_ip_adapter(folder: Path, model: Path, seed: int = 6) -> Path:
    """An IP-Adapter with its image encoder for a tiny model, in the layout of the original weights."""
    import torch
    from diffusers import UNet2DConditionModel
    from safetensors.torch import save_file
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(seed)
    config = CLIPVisionConfig(hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
                              image_size=16, patch_size=8, projection_dim=12)
    CLIPVisionModelWithProjection(config).save_pretrained(folder / "image_encoder")
    unet = UNet2DConditionModel.from_pretrained(model / "unet")
    wide, tokens = int(unet.config.cross_attention_dim), 4
    state = {"image_proj.proj.weight": torch.randn(tokens * wide, 12),
             "image_proj.proj.bias": torch.randn(tokens * wide), "image_proj.norm.weight": torch.ones(wide),
             "image_proj.norm.bias": torch.zeros(wide)}
    crossed = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    keys = dict(unet.named_parameters())
    order = [name for name in unet.attn_processors if name in crossed]
    for place, name in enumerate(order):
        size = keys[name.removesuffix("processor") + "to_k.weight"].shape[0]
        for part in ("k", "v"):
            state[f"ip_adapter.{2 * place + 1}.to_{part}_ip.weight"] = torch.randn(size, wide)
    save_file(state, folder / "ip-adapter_tiny.safetensors")
    return folder


def write_lora(path: Path, model: Path, seed: int = 5) -> Path:
    """A LoRA of a tiny model's denoiser, strong enough to be seen."""
    import torch
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    unet = UNet2DConditionModel.from_pretrained(model / "unet")
    unet.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_k", "to_v", "conv1"]))
    draw = torch.Generator().manual_seed(seed)
    shapes = {name: weight.shape for name, weight in get_peft_model_state_dict(unet).items()}
    state = {name: torch.randn(shape, generator=draw) for name, shape in shapes.items()}
    StableDiffusionPipeline.save_lora_weights(path.parent, unet_lora_layers=state, weight_name=path.name)
    return path


# ---------------------------------------------------------------- text

CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


FIM = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")


def write_causal_lm(folder: Path, chat: bool | str = True, more: tuple[str, ...] = ()) -> Path:
    """A random Llama in transformers' layout with a byte-level tokenizer, so that any text can be read and made.

    chat: the template, True for `CHAT`, False for none. more: further control words.
    """
    import torch
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *more]
    tokens = [*special, *_byte_letters()]
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", bos_token="<|im_start|>", pad_token="<|endoftext|>"
    )
    if chat:
        fast.chat_template = CHAT if chat is True else chat
    torch.manual_seed(2)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokens),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=512,
            eos_token_id=2,
            bos_token_id=1,
            pad_token_id=0,
        )
    )
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def write_gguf(path: Path, window: int = 512, chat: str = CHAT, more: tuple[str, ...] = ()) -> Path:
    """A random Llama as GGUF with the same byte-level tokenizer. chat: the template; more: further control words."""
    import gguf

    rng = np.random.default_rng(3)
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *more]
    tokens = [*special, *_byte_letters()]
    width, inner, layers, heads, kv_heads = 32, 64, 2, 4, 2
    out = gguf.GGUFWriter(path, "llama")
    out.add_context_length(window)
    out.add_embedding_length(width)
    out.add_block_count(layers)
    out.add_feed_forward_length(inner)
    out.add_head_count(heads)
    out.add_head_count_kv(kv_heads)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(width // heads)
    out.add_vocab_size(len(tokens))
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list(tokens)
    out.add_token_types([3] * len(special) + [1] * 256)
    out.add_token_merges([f"{tokens[len(special)]} {tokens[len(special) + 1]}"])
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_add_bos_token(False)
    out.add_chat_template(chat)

    def weight(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) * 0.3).astype(np.float32)

    out.add_tensor("token_embd.weight", weight(len(tokens), width))
    out.add_tensor("output_norm.weight", np.ones(width, np.float32))
    out.add_tensor("output.weight", weight(len(tokens), width))
    kv = width * kv_heads // heads
    for i in range(layers):
        shapes = {
            "attn_q": (width, width),
            "attn_k": (kv, width),
            "attn_v": (kv, width),
            "attn_output": (width, width),
            "ffn_gate": (inner, width),
            "ffn_up": (inner, width),
            "ffn_down": (width, inner),
        }
        for name, shape in shapes.items():
            out.add_tensor(f"blk.{i}.{name}.weight", weight(*shape))
        for name in ("attn_norm", "ffn_norm"):
            out.add_tensor(f"blk.{i}.{name}.weight", np.ones(width, np.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return path


# ---------------------------------------------------------------- ONNX


def write_onnx(path: Path, kind: str) -> Path:
    """A network of two or three operations, written as ONNX by hand (https://github.com/onnx/onnx, onnx.proto).

    kind: "matte" has U2-Net's inputs and outputs and finds what is red; "style" has the 26-style network's and darkens.
    """
    if kind == "matte":
        nodes = [_node("Conv", ["input.1", "weight", "bias"], ["found"]), _node("Sigmoid", ["found"], ["matte"])]
        values = [_tensor("weight", np.float32([6, 0, 0]).reshape(1, 3, 1, 1)), _tensor("bias", np.float32([-2]))]
        inputs, outputs = [_value("input.1", [1, 3, 320, 320])], [_value("matte", [1, 1, 320, 320])]
    else:
        nodes = [_node("Mul", ["style_weights", "strengths"], ["chosen"]), _node("ReduceSum", ["chosen"], ["sum"]),
                 _node("Mul", ["image", "sum"], ["stylized"])]
        values = [_tensor("strengths", np.linspace(0.3, 0.9, 26, dtype=np.float32))]
        inputs = [_value("image", [1, 3, "h", "w"]), _value("style_weights", [26])]
        outputs = [_value("stylized", [1, 3, "h", "w"])]
    graph = [*(_field(1, n) for n in nodes), _field(2, b"tiny"), *(_field(5, v) for v in values),
             *(_field(11, v) for v in inputs), *(_field(12, v) for v in outputs)]
    path.write_bytes(_number(1, 8) + _field(7, b"".join(graph)) + _field(8, _number(2, 13)))
    return path


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _node(op: str, inputs: list[str], outputs: list[str]) -> bytes:
    names = b"".join(_field(1, n.encode()) for n in inputs) + b"".join(_field(2, n.encode()) for n in outputs)
    return names + _field(4, op.encode())


def _tensor(name: str, array: np.ndarray) -> bytes:
    dims = b"".join(_number(1, side) for side in array.shape)
    return dims + _number(2, 1) + _field(8, name.encode()) + _field(9, array.tobytes())


def _value(name: str, shape: list[Any]) -> bytes:
    dims = b"".join(_field(1, _number(1, s) if isinstance(s, int) else _field(2, s.encode())) for s in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, 1) + _field(2, dims)))
