"""Curse subjects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT, chain_subject, subject_selector, subject_text


def test_ethereums_subject():
    assert subject_text(chain_subject(5009297550715157269)) == "0x000000000000000045849994fc9c7b15"


@given(st.integers(1, 2**64 - 1))
def test_chain_subjects_round_trip(selector):
    subject = chain_subject(selector)
    assert len(subject) == 16
    assert subject_selector(subject) == selector


@pytest.mark.parametrize(
    "subject", [GLOBAL_CURSE_SUBJECT, bytes(16), b"\1" + bytes(15), bytes(7) + b"\1" * 9, bytes(7) + b"\1", b""]
)
def test_subjects_that_name_no_chain(subject):
    assert subject_selector(subject) is None
