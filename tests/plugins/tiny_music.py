"""Sampled music models with random weights, in the layouts of transformers and diffusers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


def tokenizer(folder: Path) -> Any:
    """A T5 tokenizer of single characters."""
    from transformers import T5TokenizerFast

    letters = [chr(c) for c in range(33, 127)]
    vocab = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581", -2.0), *[(c, -3.0) for c in letters]]
    made = T5TokenizerFast(vocab=vocab, extra_ids=0)
    made.model_max_length = 64
    made.save_pretrained(folder)
    return made


def t5(size: int = 16) -> Any:
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(T5Config(vocab_size=128, d_model=size, d_kv=8, d_ff=32, num_layers=1, num_heads=2,
                                   decoder_start_token_id=0))


def musicgen(folder: Path) -> Path:
    """MusicGen with 16 kHz, four codebooks of 32 words, 40 frames a second."""
    from transformers import (
        EncodecConfig,
        EncodecFeatureExtractor,
        MusicgenConfig,
        MusicgenForConditionalGeneration,
        MusicgenProcessor,
    )
    from transformers.models.musicgen import MusicgenDecoderConfig

    torch.manual_seed(1)
    text = t5()
    codec = EncodecConfig(sampling_rate=16000, upsampling_ratios=[10, 8, 5], num_filters=4, hidden_size=8,
                          codebook_size=32, codebook_dim=8, num_lstm_layers=1, target_bandwidths=[0.8],
                          normalize=False)
    decoder = MusicgenDecoderConfig(vocab_size=32, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
                                    ffn_dim=32, num_codebooks=4, pad_token_id=32, bos_token_id=32,
                                    max_position_embeddings=256)
    config = MusicgenConfig(text_encoder=text.config.to_dict(), audio_encoder=codec.to_dict(),
                            decoder=decoder.to_dict())
    model = MusicgenForConditionalGeneration(config=config)
    with torch.no_grad():  # codebooks start as zeros
        for name, values in model.audio_encoder.named_buffers():
            if name.endswith("codebook.embed"):
                values.normal_(0, 8)
    model.generation_config.decoder_start_token_id = 32
    model.generation_config.pad_token_id = 32
    model.save_pretrained(folder)
    processor = MusicgenProcessor(EncodecFeatureExtractor(feature_size=1, sampling_rate=16000), tokenizer(folder))
    processor.save_pretrained(folder)
    return folder


def stable_audio(folder: Path) -> Path:
    """Stable Audio at 8 kHz, 64 latents of 100 frames, stereo."""
    from diffusers import (
        AutoencoderOobleck,
        CosineDPMSolverMultistepScheduler,
        StableAudioDiTModel,
        StableAudioPipeline,
        StableAudioProjectionModel,
    )

    torch.manual_seed(1)
    pipe = StableAudioPipeline(
        vae=AutoencoderOobleck(encoder_hidden_size=8, downsampling_ratios=[10, 10], channel_multiples=[1, 2],
                               decoder_channels=4, decoder_input_channels=4, audio_channels=2, sampling_rate=8000),
        text_encoder=t5(), tokenizer=tokenizer(folder / "tokenizer"),
        projection_model=StableAudioProjectionModel(text_encoder_dim=16, conditioning_dim=8, min_value=0, max_value=32),
        transformer=StableAudioDiTModel(
            sample_size=64, in_channels=4, num_layers=1, attention_head_dim=8, num_attention_heads=2,
            num_key_value_attention_heads=1, out_channels=4, cross_attention_dim=8, time_proj_dim=8,
            global_states_input_dim=16, cross_attention_input_dim=8),
        scheduler=CosineDPMSolverMultistepScheduler(solver_order=2, sigma_max=80, sigma_min=0.3, sigma_data=1.0,
                                                    prediction_type="v_prediction", sigma_schedule="exponential"))
    pipe.save_pretrained(folder)
    return folder


def audioldm2(folder: Path) -> Path:
    """AudioLDM 2 at 16 kHz with 8 mel bands."""
    from diffusers import (
        AudioLDM2Pipeline,
        AudioLDM2ProjectionModel,
        AudioLDM2UNet2DConditionModel,
        AutoencoderKL,
        DDIMScheduler,
    )
    from transformers import (
        ClapConfig,
        ClapFeatureExtractor,
        ClapModel,
        GPT2Config,
        GPT2LMHeadModel,
        SpeechT5HifiGan,
        SpeechT5HifiGanConfig,
    )

    torch.manual_seed(1)
    clap = ClapConfig(
        text_config={"hidden_size": 8, "intermediate_size": 16, "num_attention_heads": 1, "num_hidden_layers": 1,
                     "vocab_size": 128, "projection_dim": 16, "pad_token_id": 0},
        audio_config={"spec_size": 8, "window_size": 4, "num_mel_bins": 8, "intermediate_size": 16, "depths": [1, 1],
                      "num_attention_heads": [1, 1], "num_hidden_layers": 2, "hidden_size": 192, "projection_dim": 16,
                      "patch_size": 2, "patch_stride": 2, "patch_embed_input_channels": 4}, projection_dim=16)
    vocoder = SpeechT5HifiGanConfig(
        model_in_dim=8, sampling_rate=16000, upsample_initial_channel=16, upsample_rates=[2, 2],
        upsample_kernel_sizes=[4, 4], resblock_kernel_sizes=[3, 7], resblock_dilation_sizes=[[1, 3, 5], [1, 3, 5]],
        normalize_before=False, initializer_range=0.5)
    words = tokenizer(folder / "tokenizer")
    pipe = AudioLDM2Pipeline(
        vae=AutoencoderKL(block_out_channels=[8, 16], in_channels=1, out_channels=1, norm_num_groups=8,
                          down_block_types=["DownEncoderBlock2D"] * 2, up_block_types=["UpDecoderBlock2D"] * 2,
                          latent_channels=4),
        text_encoder=ClapModel(clap), text_encoder_2=t5(),
        projection_model=AudioLDM2ProjectionModel(text_encoder_dim=16, text_encoder_1_dim=16, langauge_model_dim=16),
        language_model=GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=128, n_positions=128,
                                                  max_new_tokens=4)),
        tokenizer=words, tokenizer_2=words, feature_extractor=ClapFeatureExtractor(feature_size=8),
        unet=AudioLDM2UNet2DConditionModel(
            block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=8, sample_size=32, in_channels=4,
            out_channels=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), cross_attention_dim=(16, 16)),
        scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
                                set_alpha_to_one=False),
        vocoder=SpeechT5HifiGan(vocoder))
    pipe.save_pretrained(folder)
    return folder
