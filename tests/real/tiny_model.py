#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write a small language model of random weights as GGUF, and its config.json beside it: what a real engine can run without a
download.

Llama's architecture; every token is one printable ASCII character, so that every token of an answer is text that a stream
carries at once. The same bytes each time.

usage: tiny_model.py FILE.gguf [small|large]
"""

import collections
import json
import os
import random
import struct
import sys

Shape = collections.namedtuple("Shape", "layers width feed_forward heads")
# 7 and 19 million weights: 14 and 39 MB.
SIZES = {"small": Shape(8, 256, 768, 8), "large": Shape(10, 384, 1152, 6)}
CONTEXT = 8192
FIRST_CHARACTER, LAST_CHARACTER = 0x20, 0x7e
CHARACTERS = [chr(c) for c in range(FIRST_CHARACTER, LAST_CHARACTER + 1)]
BLANK = "\u0120"  # how byte-level vocabularies write a blank
TOKENS = [BLANK if c == " " else c for c in CHARACTERS] + ["<s>", "</s>"]
BEGIN, END = len(CHARACTERS), len(CHARACTERS) + 1
NORMAL_TOKEN, CONTROL_TOKEN = 1, 3

ALIGNMENT = 32
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
F32, F16 = 0, 1


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind, item):
    if kind == STRING:
        return string(item)
    return struct.pack({UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?"}[kind], item)


def pair(key, kind, item):
    return string(key) + struct.pack("<I", kind) + value(kind, item)


def pairs_of(key, kind, items):
    head = string(key) + struct.pack("<IIQ", ARRAY, kind, len(items))
    return head + b"".join(value(kind, item) for item in items)


def metadata(shape):
    kinds = [NORMAL_TOKEN] * len(CHARACTERS) + [CONTROL_TOKEN] * 2
    return [
        pair("general.architecture", STRING, "llama"),
        pair("general.name", STRING, "tiny"),
        pair("llama.context_length", UINT32, CONTEXT),
        pair("llama.embedding_length", UINT32, shape.width),
        pair("llama.block_count", UINT32, shape.layers),
        pair("llama.feed_forward_length", UINT32, shape.feed_forward),
        pair("llama.attention.head_count", UINT32, shape.heads),
        pair("llama.attention.head_count_kv", UINT32, shape.heads),
        pair("llama.attention.layer_norm_rms_epsilon", FLOAT32, 1e-5),
        pair("llama.rope.dimension_count", UINT32, shape.width // shape.heads),
        pair("llama.vocab_size", UINT32, len(TOKENS)),
        pair("tokenizer.ggml.model", STRING, "gpt2"),
        pair("tokenizer.ggml.pre", STRING, "default"),
        pairs_of("tokenizer.ggml.tokens", STRING, TOKENS),
        pairs_of("tokenizer.ggml.token_type", INT32, kinds),
        pairs_of("tokenizer.ggml.merges", STRING, [f"{BLANK} t"]),
        pair("tokenizer.ggml.bos_token_id", UINT32, BEGIN),
        pair("tokenizer.ggml.eos_token_id", UINT32, END),
        pair("tokenizer.ggml.add_bos_token", BOOL, False),
    ]


def tensors(shape):
    """Name, shape (the fastest dimension first) and type of all."""
    vocabulary, width, inner = len(TOKENS), shape.width, shape.feed_forward
    yield "token_embd.weight", (width, vocabulary), F16
    yield "output.weight", (width, vocabulary), F16
    yield "output_norm.weight", (width,), F32
    for layer in range(shape.layers):
        prefix = f"blk.{layer}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield f"{prefix}{name}.weight", (width, width), F16
        yield f"{prefix}ffn_gate.weight", (width, inner), F16
        yield f"{prefix}ffn_up.weight", (width, inner), F16
        yield f"{prefix}ffn_down.weight", (inner, width), F16
        yield f"{prefix}attn_norm.weight", (width,), F32
        yield f"{prefix}ffn_norm.weight", (width,), F32


def repeated(pattern, n):
    return int.from_bytes(struct.pack("<H", pattern) * n, "little")


def random_halves(generator, n):
    """n half-precision numbers of either sign from 1/32 to 1/16, all at once as one long integer."""
    bits = int.from_bytes(generator.randbytes(2 * n), "little")
    sign_and_fraction, exponent = 0x83ff, (15 - 5) << 10
    return (bits & repeated(sign_and_fraction, n) | repeated(exponent, n)).to_bytes(2 * n, "little")


def data_of(generator, shape, kind):
    n = shape[0] * (shape[1] if len(shape) > 1 else 1)
    return struct.pack("<f", 1.0) * n if kind == F32 else random_halves(generator, n)


def padded(data):
    return data + bytes(-len(data) % ALIGNMENT)


def model(shape):
    generator = random.Random(1)
    pairs, infos, blobs, offset = metadata(shape), [], [], 0
    for name, dimensions, kind in tensors(shape):
        sizes = struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
        infos.append(string(name) + sizes + struct.pack("<IQ", kind, offset))
        blobs.append(padded(data_of(generator, dimensions, kind)))
        offset += len(blobs[-1])
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(pairs))
    return padded(head + b"".join(pairs) + b"".join(infos)) + b"".join(blobs)


def config(shape):
    """The same in the words of Hugging Face, which is how slicewise knows models."""
    return {
        "model_type": "llama", "hidden_size": shape.width, "intermediate_size": shape.feed_forward,
        "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads, "vocab_size": len(TOKENS),
        "max_position_embeddings": CONTEXT, "tie_word_embeddings": False, "torch_dtype": "float16",
    }


def main(arguments):
    size = arguments[1] if len(arguments) > 1 else "small"
    if len(arguments) not in (1, 2) or size not in SIZES:
        print(__doc__)
        return 1
    with open(arguments[0], "wb") as file:
        file.write(model(SIZES[size]))
    with open(os.path.splitext(arguments[0])[0] + ".json", "w", encoding="utf-8") as file:
        json.dump(config(SIZES[size]), file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
