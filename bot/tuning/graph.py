"""The tuned encoder as an ONNX graph in whole numbers: what the service runs, and read back so that tuning can go on.

In: the numbers of a message's pieces (int64, one dimension). Out: the logits of the intents and of the facets, a row
each (float32). The names of both, the pieces and their scores lie in the file's own metadata, as JSON.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from bot.tuning.pretrained import EPSILON
from bot.understanding.arrays import Floats
from bot.understanding.encoder import NAMES, EncoderError, digest_of

OPSET = 20
"""The first that has Gelu as one operation."""

FORMAT = 9
"""The version of the file's own form that goes with it."""


def save_encoder(path: Path, arrays: Mapping[str, Any]) -> str:
    """Write what was tuned (bot.tuning.tune) to *path*; return the file's SHA-256.

    The table is kept in a byte a number, each piece by its own range; matrices are multiplied as bytes, each column by
    its own range and what they are multiplied with by the message's.
    """
    model = exact_model(arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    heads = [node.name for node in model.graph.node if node.name.startswith("head")]
    quantize_dynamic(
        model,
        draft,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        # Seven bits: eight overflow in sums on processors without VNNI, and answers would differ from one to the other.
        reduce_range=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=heads,
    )
    draft.replace(path)
    return digest_of(path)


def exact_model(arrays: Mapping[str, Any]) -> onnx.ModelProto:
    """Return the graph with matrices as they were tuned; the table of pieces is in bytes already."""
    graph = _Graph()
    x = graph.layer_norm(_embedded(graph, arrays), arrays, "")
    for number in itertools.count():
        if f"{number}.look" not in arrays:
            break
        x = _layer(graph, x, arrays, f"{number}.")
    axis = graph.constant(np.array([0]))
    mean = graph.add("ReduceMean", x, axis, keepdims=1)
    strongest = graph.add("ReduceMax", x, axis, keepdims=1)
    graph.linear(mean, arrays, "intents", node="head_intents", out="intents")
    both = graph.add("Concat", mean, strongest, axis=1)
    graph.linear(both, arrays, "facets", node="head_facets", out="facets")
    named = {name: np.asarray(arrays[key]).tolist() for name, key in zip(NAMES, _NAMED, strict=True)}
    return graph.model(named | {_HEADS: int(arrays["heads"])})


def read_arrays(path: Path) -> dict[str, Any]:
    """Return the arrays that save_encoder wrote to *path*, as near as its whole numbers keep them.

    Raises EncoderError where the graph is none of ours; that the file is whole, its record tells.
    """
    model = onnx.load(path)
    constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer if c.name.startswith(_OWN)}
    kept = {name.removeprefix(_OWN): value for name, value in constants.items()}
    named = {p.key: json.loads(p.value) for p in model.metadata_props if p.key in (*NAMES, _HEADS)}
    if _HEADS not in named or _TABLE not in kept:
        raise EncoderError(f"{path}: not an encoder that tuning can go on from; tune it from the beginning")
    arrays: dict[str, Any] = {key: named[name] for name, key in zip(NAMES, _NAMED, strict=True)}
    arrays["heads"] = named[_HEADS]
    for name, value in kept.items():
        if name.endswith(_ROUNDED):
            weights = name.removesuffix(_ROUNDED)
            arrays[weights] = value.astype(np.float32) * kept[f"{weights}_scale"]
        elif value.dtype == np.float32 and not name.endswith("_scale"):
            arrays[name] = value
    low, step = arrays.pop(_LOW), arrays.pop(_STEP)
    arrays["table"] = kept[_TABLE].astype(np.float32) * step + low
    for name in [name for name in arrays if name.endswith((".look", ".look_bias"))]:
        arrays[name] = arrays[name] / _shares(arrays["table"].shape[1], arrays["heads"])
    return arrays


_NAMED = ("pieces", "scores", "intent_names", "facet_names")
"""Where tuning hands over what NAMES says."""

_HEADS = "heads"
"""Where the file's metadata say how many heads look."""

_OWN = "tuned."
"""Stands before the names of what was tuned, in the file."""

_TABLE, _LOW, _STEP = "table_bytes", "table_low", "table_step"
_ROUNDED = "_quantized"
"""What onnxruntime calls a matrix that it has put into bytes, behind the matrix's own name."""


def _embedded(graph: _Graph, arrays: Mapping[str, Any]) -> str:
    """Return the vectors of the pieces with those of their places."""
    table = np.asarray(arrays["table"], dtype=np.float32)
    low = table.min(axis=1, keepdims=True)
    step = np.maximum(table.max(axis=1, keepdims=True) - low, EPSILON) / 255
    small = graph.add("Gather", graph.constant(np.round((table - low) / step).astype(np.uint8), _TABLE), "pieces")
    wide = graph.add("Cast", small, to=TensorProto.FLOAT)
    wide = graph.add("Mul", wide, graph.add("Gather", graph.constant(step, _STEP), "pieces"))
    wide = graph.add("Add", wide, graph.add("Gather", graph.constant(low, _LOW), "pieces"))
    count = graph.add("Shape", "pieces")
    place = graph.add("Slice", graph.constant(arrays["place"], "place"), graph.constant(np.array([0])), count)
    return graph.add("Add", wide, place)


def _shares(size: int, heads: int) -> Floats:
    """Return what asks, answers and says are multiplied with once, instead of all products for each message."""
    return np.concatenate([np.full(size, (size // heads) ** -0.5), np.ones(2 * size)]).astype(np.float32)


def _layer(graph: _Graph, x: str, arrays: Mapping[str, Any], name: str) -> str:
    size, heads = arrays[name + "join"].shape[0], int(arrays["heads"])
    look, bias = name + "look", name + "look_bias"
    shares = _shares(size, heads)
    looks = graph.linear(x, {look: arrays[look] * shares, bias: arrays[bias] * shares}, look)
    looks = graph.add("Reshape", looks, graph.constant(np.array([-1, 3, heads, size // heads])))
    looks = graph.add("Transpose", looks, perm=[1, 2, 0, 3])
    asks, answers, says = (graph.add("Gather", looks, graph.constant(np.array(part)), axis=0) for part in range(3))
    seen = graph.add("Softmax", graph.add("MatMul", asks, graph.add("Transpose", answers, perm=[0, 2, 1])))
    seen = graph.add("Transpose", graph.add("MatMul", seen, says), perm=[1, 0, 2])
    seen = graph.add("Reshape", seen, graph.constant(np.array([-1, size])))
    seen = graph.linear(seen, arrays, name + "join")
    x = graph.layer_norm(graph.add("Add", x, seen), arrays, name + "seen_")
    inner = graph.add("Gelu", graph.linear(x, arrays, name + "widen"))
    inner = graph.linear(inner, arrays, name + "narrow")
    return graph.layer_norm(graph.add("Add", x, inner), arrays, name + "out_")


class _Graph:
    """Nodes and constants, each under a name of its own."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: Any, name: str = "") -> str:
        array = np.asarray(value)
        name = _OWN + name if name else f"c{len(self._constants)}"
        wanted = array.astype(np.float32) if array.dtype.kind == "f" else array
        self._constants.append(numpy_helper.from_array(np.asarray(wanted, order="C"), name))
        return name

    def add(self, operation: str, *inputs: str, name: str = "", out: str = "", **settings: Any) -> str:
        name = name or f"n{len(self._nodes)}"
        out = out or name
        self._nodes.append(helper.make_node(operation, list(inputs), [out], name=name, **settings))
        return out

    def linear(self, x: str, arrays: Mapping[str, Any], name: str, node: str = "", out: str = "") -> str:
        product = self.add("MatMul", x, self.constant(arrays[name], name), name=node)
        return self.add("Add", product, self.constant(arrays[name + "_bias"], name + "_bias"), out=out)

    def layer_norm(self, x: str, arrays: Mapping[str, Any], name: str) -> str:
        gain, bias = (self.constant(arrays[name + part], name + part) for part in ("gain", "bias"))
        return self.add("LayerNormalization", x, gain, bias, epsilon=EPSILON)

    def model(self, named: Mapping[str, Any]) -> onnx.ModelProto:
        def port(name: str, kind: int, *shape: int | str) -> onnx.ValueInfoProto:
            return helper.make_tensor_value_info(name, kind, list(shape))

        outputs = [
            port("intents", TensorProto.FLOAT, 1, len(named["intents"])),
            port("facets", TensorProto.FLOAT, 1, len(named["facets"])),
        ]
        inputs = [port("pieces", TensorProto.INT64, "count")]
        graph = helper.make_graph(self._nodes, "encoder", inputs, outputs, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=FORMAT)
        helper.set_model_props(model, {name: json.dumps(value, ensure_ascii=False) for name, value in named.items()})
        return model
