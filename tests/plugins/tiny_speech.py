"""Speech models of a few thousand numbers, in the layouts of transformers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

LETTERS = " abcdefghijklmnopqrstuvwxyz'-"


def vits(folder: Path, *, speakers: int = 1, **tokens: object) -> Path:
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    torch.manual_seed(0)
    folder.mkdir(parents=True)
    vocab = {"<pad>": 0, **{sign: number for number, sign in enumerate(LETTERS, 1)}}
    (folder / "vocab.json").write_text(json.dumps(vocab))
    options = {"phonemize": False, "pad_token": "<pad>", "unk_token": "<pad>", "language": "eng", **tokens}
    VitsTokenizer(str(folder / "vocab.json"), **options).save_pretrained(folder)
    config = VitsConfig(
        vocab_size=len(vocab), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, ffn_dim=16, flow_size=16,
        spectrogram_bins=9, num_speakers=speakers, speaker_embedding_size=8 if speakers > 1 else 0,
        upsample_initial_channel=16, upsample_rates=[8, 8], upsample_kernel_sizes=[16, 16],
        resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1, 3, 5]], prior_encoder_num_flows=2,
        posterior_encoder_num_wavenet_layers=1, prior_encoder_num_wavenet_layers=1, duration_predictor_num_flows=2,
        duration_predictor_filter_channels=16, depth_separable_num_layers=1, sampling_rate=16000)
    VitsModel(config).save_pretrained(folder)
    return folder


def speecht5(folder: Path, *, vocoder: bool = True) -> Path:
    import sentencepiece
    from transformers import SpeechT5Config, SpeechT5ForTextToSpeech, SpeechT5HifiGan, SpeechT5HifiGanConfig

    torch.manual_seed(0)
    folder.mkdir(parents=True)
    with (folder / "spm_char.model").open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([LETTERS * 3, "the quick brown fox jumps over the lazy dog"] * 20),
            model_writer=file, vocab_size=34, model_type="char", minloglevel=2, bos_id=0, pad_id=1, eos_id=2, unk_id=3)
    config = SpeechT5Config(
        vocab_size=40, hidden_size=16, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=16,
        decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=16, num_mel_bins=8, speaker_embedding_dim=8,
        speech_decoder_prenet_units=8, speech_decoder_postnet_layers=2, speech_decoder_postnet_units=8,
        max_speech_positions=4000, max_text_positions=100)
    model = SpeechT5ForTextToSpeech(config)
    torch.nn.init.constant_(model.speech_decoder_postnet.prob_out.bias, -2)  # it would end after the first frame
    model.save_pretrained(folder)
    from transformers import SpeechT5Tokenizer

    SpeechT5Tokenizer(str(folder / "spm_char.model")).save_pretrained(folder)
    (folder / "speakers").mkdir()
    for number, name in enumerate(("anna", "ben")):
        np.save(folder / "speakers" / f"{name}.npy", np.random.default_rng(number).standard_normal(8))
    if vocoder:
        network = SpeechT5HifiGan(SpeechT5HifiGanConfig(
            model_in_dim=8, upsample_initial_channel=16, upsample_rates=[8, 8], upsample_kernel_sizes=[16, 16],
            resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1, 3, 5]]))
        for weights in network.parameters():
            weights.data.mul_(20)  # loud enough to be sound
        network.save_pretrained(folder / "vocoder")
    return folder


def bark(folder: Path) -> Path:
    from transformers import (
        BarkCoarseConfig,
        BarkConfig,
        BarkFineConfig,
        BarkModel,
        BarkProcessor,
        BarkSemanticConfig,
        BertTokenizer,
        EncodecConfig,
    )
    from transformers.models.bark.generation_configuration_bark import (
        BarkCoarseGenerationConfig,
        BarkFineGenerationConfig,
        BarkGenerationConfig,
        BarkSemanticGenerationConfig,
    )

    torch.manual_seed(0)
    folder.mkdir(parents=True)
    small = {"num_layers": 1, "num_heads": 2, "hidden_size": 8}
    semantic = BarkSemanticConfig(**small, block_size=600, input_vocab_size=129_600, output_vocab_size=10_048)
    coarse = BarkCoarseConfig(**small, block_size=700, input_vocab_size=12_096, output_vocab_size=12_096)
    fine = BarkFineConfig(**small, block_size=1024, input_vocab_size=1056, output_vocab_size=1056)
    codec = EncodecConfig(num_filters=4, hidden_size=16, codebook_dim=16, num_lstm_layers=1)
    model = BarkModel(BarkConfig(semantic_config=semantic.to_dict(), coarse_acoustics_config=coarse.to_dict(),
                                 fine_acoustics_config=fine.to_dict(), codec_config=codec.to_dict()))
    model.save_pretrained(folder)
    made = BarkGenerationConfig(
        semantic_config=BarkSemanticGenerationConfig(max_new_tokens=4, eos_token_id=10_000).to_dict(),
        coarse_acoustics_config=BarkCoarseGenerationConfig().to_dict(),
        fine_acoustics_config=BarkFineGenerationConfig().to_dict())
    (folder / "generation_config.json").write_text(json.dumps({**made.to_dict(), "sample_rate": 24000}, default=str))
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz", "hello", "there", "."]
    (folder / "vocab.txt").write_text("\n".join(words))
    BarkProcessor(BertTokenizer(str(folder / "vocab.txt"))).save_pretrained(folder)
    return folder
