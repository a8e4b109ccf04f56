"""Secrets at rest."""

import pytest

from notices.sealing import Unreadable, seal, unseal


def test_what_is_sealed_can_be_read_again():
    assert unseal(seal("SEC密钥")) == unseal(memoryview(seal("SEC密钥"))) == "SEC密钥"


def test_nothing_stays_nothing():
    assert (seal(""), unseal(b"")) == (b"", "")


def test_the_secret_is_not_in_it_and_no_two_are_alike():
    sealed = seal("SECmiyao"), seal("SECmiyao")
    assert (b"SECmiyao" in sealed[0], sealed[0] == sealed[1]) == (False, False)


def test_an_old_key_still_reads(settings):
    sealed = seal("SECmiyao")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new"
    assert unseal(sealed) == "SECmiyao"
    assert seal("other") != sealed


@pytest.mark.parametrize("spoil", [lambda sealed: b"x" + sealed, lambda sealed: sealed[:-2], lambda _: b"x"])
def test_what_was_spoilt_is_unreadable(spoil):
    with pytest.raises(Unreadable):
        unseal(spoil(seal("SECmiyao")))


def test_another_key_reads_nothing(settings):
    sealed = seal("SECmiyao")
    settings.SECRET_KEY = "another"
    with pytest.raises(Unreadable):
        unseal(sealed)
