"""The tuned encoder as an ONNX graph in whole numbers: what the service runs.

In: the numbers of a message's pieces (int64, one dimension). Out: the logits of the intents and of the facets, a row
each (float32). The names of both, the pieces and their scores lie in the file's own metadata, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from bot.tuning.pretrained import EPSILON
from bot.understanding.arrays import Floats
from bot.understanding.encoder import NAMES, digest_of

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
    x = graph.layer_norm(_embedded(graph, arrays), arrays["gain"], arrays["bias"])
    layers = sum(name.endswith(".look") for name in arrays)
    for number in range(layers):
        own = {
            name.removeprefix(f"{number}."): value for name, value in arrays.items() if name.startswith(f"{number}.")
        }
        x = _layer(graph, x, own, int(arrays["heads"]))
    axis = graph.constant(np.array([0]))
    mean = graph.add("ReduceMean", x, axis, keepdims=1)
    strongest = graph.add("ReduceMax", x, axis, keepdims=1)
    graph.linear(mean, arrays["intents"], arrays["intents_bias"], name="head_intents", out="intents")
    both = graph.add("Concat", mean, strongest, axis=1)
    graph.linear(both, arrays["facets"], arrays["facets_bias"], name="head_facets", out="facets")
    return graph.model({name: np.asarray(arrays[key]).tolist() for name, key in zip(NAMES, _NAMED, strict=True)})


_NAMED = ("pieces", "scores", "intent_names", "facet_names")
"""Where tuning hands over what NAMES says."""


def _embedded(graph: _Graph, arrays: Mapping[str, Any]) -> str:
    """Return the vectors of the pieces with those of their places."""
    table = np.asarray(arrays["table"], dtype=np.float32)
    low = table.min(axis=1, keepdims=True)
    step = np.maximum(table.max(axis=1, keepdims=True) - low, EPSILON) / 255
    small = graph.add("Gather", graph.constant(np.round((table - low) / step).astype(np.uint8)), "pieces")
    wide = graph.add("Cast", small, to=TensorProto.FLOAT)
    wide = graph.add("Mul", wide, graph.add("Gather", graph.constant(step), "pieces"))
    wide = graph.add("Add", wide, graph.add("Gather", graph.constant(low), "pieces"))
    count = graph.add("Shape", "pieces")
    place = graph.add("Slice", graph.constant(arrays["place"]), graph.constant(np.array([0])), count)
    return graph.add("Add", wide, place)


def _layer(graph: _Graph, x: str, w: Mapping[str, Floats], heads: int) -> str:
    size = w["join"].shape[0]
    each = size // heads
    # What asks is divided here, once, instead of all products for each message.
    share = np.concatenate([np.full(size, each**-0.5), np.ones(2 * size)]).astype(np.float32)
    looks = graph.linear(x, w["look"] * share, w["look_bias"] * share)
    looks = graph.add("Reshape", looks, graph.constant(np.array([-1, 3, heads, each])))
    looks = graph.add("Transpose", looks, perm=[1, 2, 0, 3])
    asks, answers, says = (graph.add("Gather", looks, graph.constant(np.array(part)), axis=0) for part in range(3))
    shares = graph.add("Softmax", graph.add("MatMul", asks, graph.add("Transpose", answers, perm=[0, 2, 1])))
    seen = graph.add("Transpose", graph.add("MatMul", shares, says), perm=[1, 0, 2])
    seen = graph.add("Reshape", seen, graph.constant(np.array([-1, size])))
    seen = graph.linear(seen, w["join"], w["join_bias"])
    x = graph.layer_norm(graph.add("Add", x, seen), w["seen_gain"], w["seen_bias"])
    inner = graph.add("Gelu", graph.linear(x, w["widen"], w["widen_bias"]))
    inner = graph.linear(inner, w["narrow"], w["narrow_bias"])
    return graph.layer_norm(graph.add("Add", x, inner), w["out_gain"], w["out_bias"])


class _Graph:
    """Nodes and constants, each under a name of its own."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: Any) -> str:
        array = np.asarray(value)
        name = f"c{len(self._constants)}"
        wanted = array.astype(np.float32) if array.dtype.kind == "f" else array
        self._constants.append(numpy_helper.from_array(np.asarray(wanted, order="C"), name))
        return name

    def add(self, operation: str, *inputs: str, name: str = "", out: str = "", **settings: Any) -> str:
        name = name or f"n{len(self._nodes)}"
        out = out or name
        self._nodes.append(helper.make_node(operation, list(inputs), [out], name=name, **settings))
        return out

    def linear(self, x: str, weights: Floats, bias: Floats, name: str = "", out: str = "") -> str:
        product = self.add("MatMul", x, self.constant(weights), name=name)
        return self.add("Add", product, self.constant(bias), out=out)

    def layer_norm(self, x: str, gain: Floats, bias: Floats) -> str:
        return self.add("LayerNormalization", x, self.constant(gain), self.constant(bias), epsilon=EPSILON)

    def model(self, named: Mapping[str, Sequence[Any]]) -> onnx.ModelProto:
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
