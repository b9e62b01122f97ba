"""Which number formats this machine computes fastest with, among those that keep the masks."""

from __future__ import annotations

import os
from typing import Literal

import torch

Precision = Literal["auto", "float32", "bfloat16"]


def reduced_precision(precision: Precision, device: torch.device) -> bool:
    """Whether to compute in bfloat16: as asked, or, when left open, where the hardware is faster that way."""
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    able = torch.cpu.get_capabilities()
    return _allowed("BF16", "FP16", "AMX", "AVX10") and bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def multiplies_bytes() -> bool:
    """Whether the processor has instructions that multiply eight-bit numbers and add up their products."""
    able = torch.cpu.get_capabilities()
    return _allowed("VNNI", "BF16", "FP16", "AMX", "AVX10") and bool(
        able.get("avx512_vnni") or able.get("avx_vnni") or able.get("amx_int8"))


def _allowed(*instructions: str) -> bool:
    """Whether oneDNN, which torch and OpenVINO multiply with, may use one of these, whatever the processor has.

    `ONEDNN_MAX_CPU_ISA=AVX2` shows on a new processor what an older one does
    (https://oneapi-src.github.io/oneDNN/dev_guide_cpu_dispatcher_control.html).
    """
    most = os.environ.get("ONEDNN_MAX_CPU_ISA", "DEFAULT").upper()
    return most in ("DEFAULT", "ALL") or any(each in most for each in instructions)
