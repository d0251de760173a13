"""CLIP ViT-B/32 of random weights, for the benchmark against onnxruntime-web: the four files that `multimodal-rag
quantize` packs, and the tower of pictures as ONNX, in f32 and with its linear layers quantized to 8 bits as they run
(dynamically). Weights of chance take the same time as learned ones.

    python clip_onnx.py REFERENCE_FOLDER OUTPUT_FOLDER

Writes clip/, clip-f32.onnx and clip-int8.onnx. REFERENCE_FOLDER has image_encoders.json, whose tokenizer it takes."""

import json
import sys
from pathlib import Path

import onnx
import torch
from minilm_onnx import OPSET
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

SEED = 20261130
SIDE = 224


class Pictures(torch.nn.Module):
    """Pixels of one picture to its unit vector."""

    def __init__(self, clip: CLIPModel) -> None:
        super().__init__()
        self.vision, self.projection = clip.vision_model, clip.visual_projection

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        vision = self.vision
        states = vision.pre_layrnorm(vision.embeddings(pixel_values))
        for layer in vision.encoder.layers:
            states = block(layer, states)
        vector = self.projection(vision.post_layernorm(states[:, 0]))
        return torch.nn.functional.normalize(vector, dim=1)


def block(layer: torch.nn.Module, states: torch.Tensor) -> torch.Tensor:
    """One layer, spelled out: the form in which onnxruntime knows attention."""
    attention = layer.self_attn
    heads, size = attention.num_heads, attention.head_dim

    def split(values: torch.Tensor) -> torch.Tensor:
        return values.view(values.shape[0], values.shape[1], heads, size).transpose(1, 2)

    normed = layer.layer_norm1(states)
    query, key, value = (split(linear(normed)) for linear in (attention.q_proj, attention.k_proj, attention.v_proj))
    mixed = (((query @ key.transpose(2, 3)) / size**0.5).softmax(-1) @ value).transpose(1, 2)
    states = states + attention.out_proj(mixed.reshape(states.shape))
    return states + layer.mlp(layer.layer_norm2(states))


def write_folder(clip: CLIPModel, reference: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.contiguous() for name, value in clip.state_dict().items() if value.is_floating_point()}
    save_file(weights, folder / "model.safetensors")
    small = json.loads((reference / "image_encoders.json").read_text())["clip"]
    preprocessor = json.loads(small["preprocessor"])
    preprocessor |= {"size": {"shortest_edge": SIDE}, "crop_size": {"height": SIDE, "width": SIDE}}
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor))
    (folder / "tokenizer.json").write_text(small["tokenizer"])
    (folder / "config.json").write_text(json.dumps(clip.config.to_dict(), default=str))


def main() -> None:
    reference, output = Path(sys.argv[1]), Path(sys.argv[2])
    torch.manual_seed(SEED)
    clip = CLIPModel(CLIPConfig()).eval()
    write_folder(clip, reference, output / "clip")
    full, prepared = output / "clip-f32.onnx", output / "clip-prepared.onnx"
    with torch.no_grad():
        torch.onnx.export(
            Pictures(clip).eval(), (torch.zeros(1, 3, SIDE, SIDE),), str(full), input_names=["pixel_values"],
            output_names=["vectors"], opset_version=OPSET, dynamo=False)
    onnx.checker.check_model(str(full))
    quant_pre_process(str(full), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(
        str(prepared), str(output / "clip-int8.onnx"), weight_type=QuantType.QInt8, per_channel=True,
        op_types_to_quantize=["MatMul", "Gemm"])
    prepared.unlink()


if __name__ == "__main__":
    main()
