"""RMNRemote, RMNProxy and RMNHome: curses, blessings, configs."""

import pytest

from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.blessing import rmn_digest, sign_blessing
from ccip_core.protocol.messages import MerkleRoot, RmnReport, RmnSignature

ZERO = b"\0" * 20
LOCAL, SOURCE = 77, 101
GLOBAL = bytes.fromhex("01000000000000000000000000000001")
LEGACY = bytes.fromhex("01000000000000000000000000000000")
DIGEST = b"\x00\x0b" + b"\5" * 30
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def subject(selector):
    return selector.to_bytes(16)


@pytest.fixture
def remote(twins):
    twins.probes = {
        "bytes16": (GLOBAL, LEGACY, subject(SOURCE), subject(LOCAL), bytes(16), b"\xff" * 16),
        "uint64": (LOCAL, SOURCE),
    }
    return twins.create("RMNRemote", LOCAL, ZERO)


def test_curses(twins, remote):
    stranger = twins.actor("stranger")
    one, many, un, un_many = "curse(bytes16)", "curse(bytes16[])", "uncurse(bytes16)", "uncurse(bytes16[])"
    s, t = subject(SOURCE), subject(LOCAL)
    for function, argument in ((one, s), (many, [s]), (un, s), (un_many, [s])):
        twins.send(remote, function, argument, sender=stranger, reverts="OnlyCallableByOwner")
    twins.send(remote, un, s, reverts="NotCursed")
    twins.send(remote, many, [])
    twins.send(remote, un_many, [])
    twins.send(remote, one, s)
    twins.send(remote, one, s, reverts="AlreadyCursed")
    twins.send(remote, many, [t, s], reverts="AlreadyCursed")
    twins.send(remote, many, [t, t], reverts="AlreadyCursed")
    twins.compare_state()
    twins.send(remote, many, [t, GLOBAL, bytes(16), LEGACY, b"\xff" * 16])
    twins.compare_state()
    twins.send(remote, un_many, [GLOBAL, b"\1" * 16], reverts="NotCursed")
    twins.send(remote, un_many, [t, t], reverts="NotCursed")
    twins.send(remote, un_many, [t, s])
    twins.send(remote, un, GLOBAL)
    twins.compare_state()
    twins.send(remote, "transferOwnership", stranger)
    twins.send(remote, "acceptOwnership", sender=stranger)
    twins.send(remote, one, s, reverts="OnlyCallableByOwner")
    twins.send(remote, one, s, sender=stranger)
    twins.compare_state()


def test_constructor_and_config(twins, remote):
    _, outcome = twins.try_create("RMNRemote", 0, ZERO)
    assert not outcome.is_success
    a, b, c = (twins.actor(name) for name in "abc")
    for config, reverts in (
        ((bytes(32), [], 0), "ZeroValueNotAllowed"),
        ((DIGEST, [], 0), "NotEnoughSigners"),
        ((DIGEST, [(a, 0)], 0), None),
        ((DIGEST, [(a, 0), (b, 1)], 1), "NotEnoughSigners"),
        ((DIGEST, [(a, 0), (b, 0), (c, 1)], 1), "InvalidSignerOrder"),
        ((DIGEST, [(a, 1), (b, 0), (c, 2)], 1), "InvalidSignerOrder"),
        ((DIGEST, [(a, 0), (b, 1), (a, 2)], 1), "DuplicateOnchainPublicKey"),
        ((DIGEST, [(a, 0), (a, 0)], 9), ""),
        ((DIGEST, [(a, 0), (b, 1), (ZERO, 2)], 1), ""),
        ((DIGEST, [(c, 3), (b, 7), (a, 2**64 - 1)], 1), None),
        ((DIGEST, [(a, 0), (b, 1), (c, 2)], 2**64 - 1), ""),
        ((DIGEST, [(a, 0), (b, 1), (c, 2)], 2**63), ""),
        ((DIGEST, [(b, 5)], 0), None),
    ):
        twins.send(remote, "setConfig", config, reverts=reverts)
        twins.compare_state()
    twins.send(remote, "setConfig", (DIGEST, [(a, 0)], 0), sender=a, reverts="OnlyCallableByOwner")


def test_blessings(twins, remote):
    off_ramp = twins.actor("off ramp")
    keys = sorted((dev_key("rmn_signer", index) for index in range(4)), key=lambda key: key.address)
    stranger = dev_key("attacker")
    roots = [MerkleRoot(SOURCE, b"\1" * 32, 1, 3, b"\2" * 32), MerkleRoot(9, b"", 0, 2**64 - 1, bytes(32))]
    digest = rmn_digest(RmnReport(1337, LOCAL, remote.address, off_ramp, DIGEST, tuple(roots)))
    good = {key.address: sign_blessing(key, digest) for key in (*keys, stranger)}
    signatures = [good[key.address] for key in keys]

    def flipped(signature):
        return RmnSignature(signature.r, (N - int.from_bytes(signature.s)).to_bytes(32))

    twins.call(remote, "verify", off_ramp, roots, [])
    twins.call(remote, "verify", off_ramp, roots, signatures)
    twins.send(remote, "setConfig", (DIGEST, [(key.address, place) for place, key in enumerate(keys)], 1))
    mixed = sorted([keys[0], stranger], key=lambda key: key.address)
    cases = [
        (roots, []),
        (roots, signatures[:1]),
        (roots, signatures[:2]),
        (roots, signatures[1:3]),
        (roots, signatures[::2]),
        (roots, signatures),
        (roots, signatures[1::-1]),
        (roots, [signatures[0], signatures[0]]),
        (roots, [signatures[0], signatures[1], signatures[1]]),
        (roots, [good[key.address] for key in mixed]),
        (roots, [flipped(signatures[0]), signatures[1]]),
        (roots, [signatures[0], flipped(signatures[1])]),
        (roots, [RmnSignature(bytes(32), bytes(32)), signatures[1]]),
        (roots, [RmnSignature(signatures[0].r, b"\xff" * 32), signatures[1]]),
        (roots, [RmnSignature(b"\xff" * 32, signatures[0].s), signatures[1]]),
        (roots[:1], signatures[:2]),
        (roots[::-1], signatures[:2]),
        ([roots[0]._replace(max_seq_nr=4), roots[1]], signatures[:2]),
        ([], signatures[:2]),
    ]
    outcomes = [twins.call(remote, "verify", off_ramp, *case).is_success for case in cases]
    assert [place for place, is_blessed in enumerate(outcomes) if is_blessed] == [2, 3, 4, 5]
    twins.call(remote, "verify", twins.actor("another off ramp"), roots, signatures[:2])
    twins.send(remote, "setConfig", (b"\7" * 32, [(key.address, place) for place, key in enumerate(keys)], 1))
    twins.call(remote, "verify", off_ramp, roots, signatures[:2])


def test_legacy_rmn(twins, remote):
    tagged = (twins.actor("store"), b"\1" * 32)
    twins.call(remote, "isBlessed", tagged)
    modern = twins.create("RMNRemote", LOCAL, remote.address)
    twins.call(modern, "isBlessed", tagged)
    silent = twins.create("RMNRemote", LOCAL, twins.actor("nobody"))
    twins.call(silent, "isBlessed", tagged)
    twins.call(silent, "isBlessed", (ZERO, bytes(32)))


def test_proxy(twins, remote):
    proxy, stranger = twins.create("RMNProxy", remote.address), twins.actor("stranger")
    through = remote._replace(address=proxy.address)
    for function, arguments in (
        ("isCursed()", ()),
        ("isCursed(bytes16)", (GLOBAL,)),
        ("getVersionedConfig", ()),
        ("getCursedSubjects", ()),
        ("typeAndVersion", ()),
        ("owner", ()),
    ):
        twins.call(through, function, *arguments)
    twins.send(through, "curse(bytes16)", GLOBAL, reverts="OnlyCallableByOwner")
    twins.send_raw(proxy.address, b"")
    twins.send_raw(proxy.address, b"\1\2")
    twins.send_raw(proxy.address, bytes.fromhex("397796f7"), value=1)
    twins.send(remote, "curse(bytes16)", GLOBAL)
    twins.call(through, "isCursed()")
    twins.send(proxy, "setARM", stranger, sender=stranger, reverts="Only callable by owner")
    twins.send(proxy, "setARM", ZERO, reverts="ZeroAddressNotAllowed")
    twins.send(proxy, "setARM", stranger)
    twins.call(through, "isCursed()")
    twins.send(proxy, "transferOwnership", twins.deployer, reverts="Cannot transfer to self")
    twins.send(proxy, "transferOwnership", ZERO, reverts="")
    twins.send(proxy, "transferOwnership", stranger)
    twins.send(proxy, "acceptOwnership", reverts="Must be proposed owner")
    twins.send(proxy, "acceptOwnership", sender=stranger)
    twins.send(proxy, "setARM", remote.address, sender=stranger)
    twins.call(through, "isCursed()")
    twins.compare_state()
    _, outcome = twins.try_create("RMNProxy", ZERO)
    assert not outcome.is_success


def test_home(twins):
    home, stranger = twins.create("RMNHome"), twins.actor("stranger")
    ids = [bytes([n]) * 32 for n in range(1, 6)]
    nodes = [(peer, peer[::-1][:31] + b"\7") for peer in ids[:3]]
    sources = [(SOURCE, 1, 0b111), (LOCAL, 0, 0b1)]
    static, dynamic = (nodes, b"static"), (sources, b"dynamic")
    none = bytes(32)

    def digests():
        answers = [twins.call(home, name).data for name in ("getActiveDigest", "getCandidateDigest")]
        twins.probes = {"bytes32": (none, *answers, b"\7" * 32)}
        twins.compare_state()
        return answers

    digests()
    twins.send(home, "setCandidate", static, dynamic, none, sender=stranger, reverts="OnlyCallableByOwner")
    twins.send(home, "setCandidate", static, dynamic, b"\1" * 32, reverts="ConfigDigestMismatch")
    for bad_static, bad_dynamic in (
        (([nodes[0], nodes[0]], b""), ([], b"")),
        (([nodes[0], (ids[1], nodes[0][1])], b""), ([], b"")),
        (([nodes[0], (nodes[0][0], ids[4])], b""), ([], b"")),
        (([(bytes([n // 256, n % 256]) * 16, bytes([n // 256, n % 256]) * 16) for n in range(257)], b""), ([], b"")),
        (static, ([(SOURCE, 0, 1), (SOURCE, 0, 1)], b"")),
        (static, ([(SOURCE, 0, 0b1000)], b"")),
        (static, ([(SOURCE, 1, 0b11)], b"")),
        (static, ([(SOURCE, 2, 0b111)], b"")),
        (static, ([(SOURCE, 0, 0)], b"")),
        (static, ([(SOURCE, 2**63, 0b111)], b"")),
        (([], b""), ([(SOURCE, 0, 0)], b"")),
    ):
        twins.send(home, "setCandidate", bad_static, bad_dynamic, none, reverts="")
        twins.compare_state()
    _, candidate = digests()
    twins.send(home, "setCandidate", static, dynamic, candidate)
    _, candidate = digests()
    twins.send(home, "promoteCandidateAndRevokeActive", none, none, reverts="")
    twins.send(home, "promoteCandidateAndRevokeActive", candidate, candidate, reverts="")
    twins.send(home, "promoteCandidateAndRevokeActive", b"\1" * 32, none, reverts="")
    twins.send(home, "promoteCandidateAndRevokeActive", candidate, none, sender=stranger, reverts="OnlyCallableByOwner")
    twins.send(home, "revokeCandidate", none, reverts="")
    twins.send(home, "revokeCandidate", b"\1" * 32, reverts="")
    twins.send(home, "promoteCandidateAndRevokeActive", candidate, none)
    active, _ = digests()
    twins.send(home, "promoteCandidateAndRevokeActive", none, b"\1" * 32, reverts="")
    twins.send(home, "setDynamicConfig", ([(SOURCE, 0, 0b11)], b"other"), active)
    twins.send(home, "setDynamicConfig", ([(SOURCE, 0, 0b1011)], b"other"), active, reverts="")
    twins.send(home, "setDynamicConfig", dynamic, none, reverts="")
    twins.send(home, "setDynamicConfig", dynamic, b"\1" * 32, reverts="")
    twins.send(home, "setDynamicConfig", dynamic, active, sender=stranger, reverts="OnlyCallableByOwner")
    digests()
    twins.send(home, "setCandidate", (nodes[:1], b""), ([], b""), none)
    _, candidate = digests()
    twins.send(home, "revokeCandidate", candidate, sender=stranger, reverts="OnlyCallableByOwner")
    twins.send(home, "revokeCandidate", active, reverts="")
    twins.send(home, "revokeCandidate", candidate)
    twins.send(home, "setCandidate", (nodes[1:], b""), ([], b""), none)
    _, candidate = digests()
    twins.send(home, "promoteCandidateAndRevokeActive", candidate, none, reverts="")
    twins.send(home, "promoteCandidateAndRevokeActive", candidate, active)
    digests()
    twins.send(home, "promoteCandidateAndRevokeActive", none, candidate, reverts="")
    digests()
