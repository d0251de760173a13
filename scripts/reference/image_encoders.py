"""Writes image_encoders.json: small image encoders of the real architectures, and their vectors by transformers, or by
open_clip with timm.

    python image_encoders.py REFERENCE_FOLDER

The weights are not in the file: `weight` computes them from the name of a tensor and the place in it, and
tests/support/image_encoders.rs does the same. Layout, of each encoder by its name:

    config, tokenizer, preprocessor     the JSON files beside the weights; the configuration of open_clip is that of the
                                        preprocessor too
    tensors                             of each: name, shape, offset, scale (see `weight`)
    pictures                            of each: width, height (see `picture`), its pixels for the encoder as
                                        hexadecimal digits, its vector
    texts                               of each: text, token ids, its vector

Vectors are of unit length, with five digits."""

import json
import math
import sys
from pathlib import Path

import numpy as np
import open_clip
import timm
import torch
import transformers
from PIL import Image
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

SIDE = 64
PATCH = 16
TOKENS = 24
WORDS = [
    "a red bicycle leans on the wall of a mill", "the plan of the harbour and its two piers",
    "a chart of rainfall by month, in millimetres", "people at a long table, seen from above",
    "what does the sign above the door say?", "a photo of a cat; a picture of two dogs",
]
TEXTS = ["a red bicycle", "A chart of rainfall, by month!", "two dogs at the door", "", "  the   harbour ",
         "a very long text " * 12]
PICTURES = [(64, 64), (200, 120), (90, 300), (45, 36), (641, 480)]


def words(count, seed):
    """As many pseudo-random numbers of 64 bits: the outputs of splitmix64 from a seed on."""
    state = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def seed_of(name):
    """The hash FNV-1a of a name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % (1 << 64)
    return seed


def weight(name, shape, offset, scale):
    """A tensor: offset + scale * numbers from -1 to 1, each exact in f32."""
    count = math.prod(shape)
    units = (words(count, seed_of(name)) >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)
    return (np.float32(offset) + np.float32(scale) * units).astype(np.float32).reshape(shape)


def offset_and_scale(name, shape):
    if name == "logit_scale":
        return (3.0, 0.0)
    if name == "logit_bias":
        return (1.2, 0.0)
    if name.endswith("running_var") or name.endswith("bn.weight") or name.endswith("identity.weight"):
        return (1.0, 0.2)
    if name.endswith("gamma"):
        return (0.3, 0.1)
    if "norm" in name or ".ln_" in name:
        return (1.0, 0.2) if name.endswith("weight") else (0.0, 0.2)
    if "embedding" in name and "patch" not in name:
        return (0.0, 0.5)
    if len(shape) < 2 or name.endswith("probe"):
        return (0.0, 0.3)
    return (0.0, round(math.sqrt(3 / math.prod(shape[1:])), 6))


def picture(width, height):
    """Colours in waves and edges, of this size."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    waves = [x * 5 + y * 3, x * 2 + (x * y) // 40, 255 - y * 4 + x // 3]
    return np.stack([wave % 256 for wave in waves], axis=2).astype(np.uint8)


def fill(model):
    """Gives the model its weights, and lists them."""
    tensors = []
    state = model.state_dict()
    for name, tensor in sorted(state.items()):
        if tensor.dtype != torch.float32:
            continue
        shape = list(tensor.shape)
        offset, scale = offset_and_scale(name, shape)
        state[name] = torch.from_numpy(weight(name, shape, offset, scale))
        tensors.append([name, shape, offset, scale])
    model.load_state_dict(state)
    return tensors


def words_of_texts():
    return sorted({word.strip(",.:;?!").lower() for text in WORDS for word in text.split()})


def clip_tokenizer():
    """A tokenizer as CLIP's, of few words. Its merges are written down here: training them depends on chance."""
    bytes_ = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = bytes_ + [byte + "</w>" for byte in bytes_]
    merges = []
    for word in words_of_texts():
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            merge = (parts[0], parts[1])
            parts = ["".join(merge), *parts[2:]]
            if merge not in merges:
                merges.append(merge)
                tokens.append(parts[0])
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: place for place, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(models.BPE(
        vocabulary, merges, unk_token="<|endoftext|>", continuing_subword_prefix="", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    pattern = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.add_special_tokens(["<|startoftext|>", "<|endoftext|>"])
    begin, end = tokenizer.token_to_id("<|startoftext|>"), tokenizer.token_to_id("<|endoftext|>")
    tokenizer.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", end), ("<|startoftext|>", begin), trim_offsets=False, add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def siglip_tokenizer():
    """A tokenizer as SigLIP's, of few words. Its pieces are written down here: training them depends on chance."""
    words = words_of_texts()
    letters = sorted({letter for word in words for letter in word})
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581", -4.0)]
    pieces += [(letter, -8.0) for letter in letters]
    pieces += [(f"\u2581{word}", -5.0 - len(word) / 8) for word in words if len(word) > 1]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    tokenizer.enable_padding(pad_id=1, pad_token="</s>", length=TOKENS)
    return tokenizer


def fitted(pixels, preprocessor):
    """What the image processor of transformers does to pixels, by Pillow as it does."""
    image = Image.fromarray(pixels)
    filters = {2: Image.Resampling.BILINEAR, 3: Image.Resampling.BICUBIC}
    resample = filters[preprocessor["resample"]]
    if "shortest_edge" not in preprocessor["size"]:
        return np.asarray(image.resize((SIDE, SIDE), resample))
    short, long = min(image.size), max(image.size)
    longer = int(SIDE * long / short)
    size = (SIDE, longer) if image.width <= image.height else (longer, SIDE)
    image = np.asarray(image.resize(size, resample))
    top, left = (image.shape[0] - SIDE) // 2, (image.shape[1] - SIDE) // 2
    return image[top:top + SIDE, left:left + SIDE]


def unit(vector):
    vector = getattr(vector, "pooler_output", vector)[0].numpy()
    return [round(float(number), 5) for number in vector / np.linalg.norm(vector)]


def reference(model, encode, config, tokenizer, preprocessor, limit):
    """The encoder's part of the file. `encode` has two functions: of pixels, and of token ids."""
    tensors = fill(model.eval())
    mean, deviation = (np.array(preprocessor[part], np.float32) for part in ["image_mean", "image_std"])
    pictures, texts = [], []
    for width, height in PICTURES:
        pixels = fitted(picture(width, height), preprocessor)
        values = (pixels.astype(np.float32) / 255 - mean) / deviation
        with torch.no_grad():
            vector = encode[0](torch.from_numpy(values.transpose(2, 0, 1)[None].copy()))
        pictures.append({"width": width, "height": height, "pixels": pixels.tobytes().hex(), "vector": unit(vector)})
    for text in TEXTS:
        ids = limit(text)
        with torch.no_grad():
            vector = encode[1](torch.tensor([ids]))
        texts.append({"text": text, "ids": ids, "vector": unit(vector)})
    return {"config": json.dumps(config, sort_keys=True), "tokenizer": tokenizer.to_str(), "tensors": tensors,
            "pictures": pictures, "texts": texts}


def of_transformers(model, tokenizer, preprocessor, limit):
    encode = (lambda pixels: model.get_image_features(pixel_values=pixels), lambda ids: model.get_text_features(input_ids=ids))
    part = reference(model, encode, model.config.to_dict(), tokenizer, preprocessor, limit)
    return {**part, "preprocessor": json.dumps(preprocessor)}


def sizes(**more):
    return {"hidden_size": 128, "intermediate_size": 512, "num_attention_heads": 4, **more}


def clip():
    tokenizer = clip_tokenizer()
    end = tokenizer.token_to_id("<|endoftext|>")
    config = CLIPConfig(
        text_config=sizes(num_hidden_layers=1, vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=TOKENS,
                          eos_token_id=end, bos_token_id=tokenizer.token_to_id("<|startoftext|>")),
        vision_config=sizes(num_hidden_layers=2, image_size=SIDE, patch_size=PATCH), projection_dim=96)
    preprocessor = {"do_center_crop": True, "crop_size": {"height": SIDE, "width": SIDE}, "size": {"shortest_edge": SIDE},
                    "resample": 3, "image_mean": [0.48145466, 0.4578275, 0.40821073],
                    "image_std": [0.26862954, 0.26130258, 0.27577711]}

    def limit(text):
        ids = tokenizer.encode(text).ids
        return ids if len(ids) <= TOKENS else ids[:TOKENS - 1] + [end]

    return of_transformers(CLIPModel(config), tokenizer, preprocessor, limit)


def siglip():
    tokenizer = siglip_tokenizer()
    config = SiglipConfig(
        text_config=sizes(num_hidden_layers=1, vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=TOKENS,
                          projection_size=128),
        vision_config=sizes(num_hidden_layers=2, image_size=SIDE, patch_size=PATCH))
    preprocessor = {"size": {"height": SIDE, "width": SIDE}, "resample": 3, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}

    def limit(text):
        # The slow tokenizer of transformers removes punctuation first.
        kept = "".join(letter for letter in text if letter not in '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')
        ids = tokenizer.encode(" ".join(kept.lower().split())).ids
        return ids if len(ids) <= TOKENS else ids[:TOKENS - 1] + [1]

    return of_transformers(SiglipModel(config), tokenizer, preprocessor, limit)


def mobileclip():
    """The trunk of MobileCLIP2-S0 in its real size, for small pictures, beside a small tower of texts."""
    tokenizer = clip_tokenizer()
    end = tokenizer.token_to_id("<|endoftext|>")
    model = {
        "embed_dim": 96,
        "vision_cfg": {"timm_model_name": "fastvit_mci0", "timm_model_pretrained": False, "timm_pool": "avg",
                       "timm_proj": None, "timm_drop": 0.0, "timm_drop_path": 0.0, "image_size": SIDE},
        "text_cfg": {"context_length": TOKENS, "vocab_size": tokenizer.get_vocab_size(), "width": 128, "heads": 4,
                     "layers": 1, "no_causal_mask": True}}
    preprocess = {"mean": [0, 0, 0], "std": [1, 1, 1], "interpolation": "bilinear", "resize_mode": "shortest"}
    config = {"model_cfg": {**model, "custom_text": True}, "preprocess_cfg": preprocess}
    preprocessor = {"size": {"shortest_edge": SIDE}, "resample": 2, "image_mean": [0.0] * 3, "image_std": [1.0] * 3}

    def limit(text):
        # As open_clip's tokenizer: what is left is filled with zeros, which the tower of texts sees.
        ids = tokenizer.encode(text).ids
        ids = ids if len(ids) <= TOKENS else ids[:TOKENS - 1] + [end]
        return ids + [0] * (TOKENS - len(ids))

    model = open_clip.CustomTextCLIP(**model)
    return reference(model, (model.encode_image, model.encode_text), config, tokenizer, preprocessor, limit)


def main():
    folder = Path(sys.argv[1])
    packages = {"transformers": transformers, "torch": torch, "pillow": Image, "open_clip": open_clip, "timm": timm}
    made_with = {name: package.__version__ for name, package in packages.items()}
    content = {"madeWith": made_with, "clip": clip(), "siglip": siglip(), "mobileclip": mobileclip()}
    (folder / "image_encoders.json").write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
