"""What a machine computes with follows from what it has and from what it is allowed."""

from __future__ import annotations

import pytest
import torch

from morula.machine.number_formats import multiplies_bytes, reduced_precision

CPU = torch.device("cpu")
NEW = {"avx2": True, "avx512_f": True, "avx512_vnni": True, "avx512_bf16": True}
OLD = {"avx2": True, "avx512_f": False}


@pytest.mark.parametrize(("has", "most", "reduced", "bytes_too"), [
    (NEW, None, True, True),
    (NEW, "DEFAULT", True, True),
    (NEW, "AVX512_CORE_AMX", True, True),
    (NEW, "AVX512_CORE_VNNI", False, True),
    (NEW, "avx2_vnni", False, True),
    (NEW, "AVX512_CORE", False, False),
    (NEW, "AVX2", False, False),
    (OLD, None, False, False),
    (OLD, "AVX512_CORE_AMX", False, False),
])
def test_instructions_count_where_they_are_there_and_not_hidden(monkeypatch, has, most, reduced, bytes_too):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    if most:
        monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", most)
    else:
        monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    assert reduced_precision("auto", CPU) == reduced
    assert multiplies_bytes() == bytes_too
    assert reduced_precision("bfloat16", CPU), "as asked"
