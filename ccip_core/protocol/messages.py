"""CCIP's structs, field for field (spec section 2), and the crossing from source to destination form.

A field's annotation is its ABI type: `codec` compiles both directions from these classes alone, so a struct is
declared once. Fields marked UNTRUSTED are chosen by users or pool owners.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple, NewType

ChainSelector = NewType("ChainSelector", int)
"""A blockchain's uint64 name in CCIP. Larger than 2^63 for some chains: never a float, text in JSON and databases."""

Address = Annotated[bytes, "address"]
Bytes32 = Annotated[bytes, "bytes32"]
Bytes16 = Annotated[bytes, "bytes16"]
Bytes10 = Annotated[bytes, "bytes10"]
Bytes4 = Annotated[bytes, "bytes4"]
Bytes2 = Annotated[bytes, "bytes2"]
Bytes = Annotated[bytes, "bytes"]
Uint256 = Annotated[int, "uint256"]
Uint224 = Annotated[int, "uint224"]
Uint128 = Annotated[int, "uint128"]
Uint64 = Annotated[int, "uint64"]
Uint32 = Annotated[int, "uint32"]
Uint16 = Annotated[int, "uint16"]
Uint8 = Annotated[int, "uint8"]
Bool = Annotated[bool, "bool"]
Selector = Annotated[ChainSelector, "uint64"]


class Lane(NamedTuple):
    """A directed pair of chains."""

    source: Selector
    dest: Selector


class EVMTokenAmount(NamedTuple):
    """Some tokens of this chain."""

    token: Address
    amount: Uint256


class EVM2AnyMessage(NamedTuple):
    """What a user hands to `Router.ccipSend`. Every field is UNTRUSTED."""

    receiver: Bytes
    data: Bytes
    token_amounts: tuple[EVMTokenAmount, ...]
    fee_token: Address
    extra_args: Bytes


class Any2EVMMessage(NamedTuple):
    """What a receiver contract gets in `ccipReceive`."""

    message_id: Bytes32
    source_chain_selector: Selector
    sender: Bytes
    data: Bytes
    dest_token_amounts: tuple[EVMTokenAmount, ...]


class RampMessageHeader(NamedTuple):
    """A message's place: lane, number on the lane, and number of its sender (0: unordered)."""

    message_id: Bytes32
    source_chain_selector: Selector
    dest_chain_selector: Selector
    sequence_number: Uint64
    nonce: Uint64


class EVM2AnyTokenTransfer(NamedTuple):
    """One token of a message, as its source pool let it go."""

    source_pool_address: Address
    dest_token_address: Bytes
    """UNTRUSTED: whatever the source pool's owner configured."""
    extra_data: Bytes
    """UNTRUSTED: whatever the source pool returned; by convention abi.encode(source decimals)."""
    amount: Uint256
    dest_exec_data: Bytes


class EVM2AnyRampMessage(NamedTuple):
    """The message as the OnRamp emits it in `CCIPMessageSent`."""

    header: RampMessageHeader
    sender: Address
    data: Bytes
    receiver: Bytes
    extra_args: Bytes
    fee_token: Address
    fee_token_amount: Uint256
    fee_value_juels: Uint256
    token_amounts: tuple[EVM2AnyTokenTransfer, ...]


class Any2EVMTokenTransfer(NamedTuple):
    """One token of a message, as its destination pool will let it arrive."""

    source_pool_address: Bytes
    dest_token_address: Address
    dest_gas_amount: Uint32
    extra_data: Bytes
    amount: Uint256


class Any2EVMRampMessage(NamedTuple):
    """The message as the OffRamp executes it; its hash is the leaf of the committed tree."""

    header: RampMessageHeader
    sender: Bytes
    data: Bytes
    receiver: Address
    gas_limit: Uint256
    token_amounts: tuple[Any2EVMTokenTransfer, ...]


class MerkleRoot(NamedTuple):
    """A claim: the messages min..max (inclusive) of the lane hash to this root."""

    source_chain_selector: Selector
    on_ramp_address: Bytes
    """As the OffRamp has it configured: abi.encode(address), 32 bytes, for an EVM source."""
    min_seq_nr: Uint64
    max_seq_nr: Uint64
    merkle_root: Bytes32


class TokenPriceUpdate(NamedTuple):
    """A token's price as the commit oracles report it."""

    source_token: Address
    usd_per_token: Uint224
    """USD with 18 decimals for 1e18 smallest units of the token."""


class GasPriceUpdate(NamedTuple):
    """A chain's gas price as the commit oracles report it: low 112 bits execution, above data availability."""

    dest_chain_selector: Selector
    usd_per_unit_gas: Uint224


class PriceUpdates(NamedTuple):
    """The prices of one report."""

    token_price_updates: tuple[TokenPriceUpdate, ...]
    gas_price_updates: tuple[GasPriceUpdate, ...]


class RmnSignature(NamedTuple):
    """An ECDSA signature whose v is always 27 (s is replaced by N - s where it was 28)."""

    r: Bytes32
    s: Bytes32


class CommitReport(NamedTuple):
    """What the commit oracles sign: roots to accept, blessed ones with the RMN's signatures."""

    price_updates: PriceUpdates
    blessed_merkle_roots: tuple[MerkleRoot, ...]
    unblessed_merkle_roots: tuple[MerkleRoot, ...]
    rmn_signatures: tuple[RmnSignature, ...]


class ExecutionReport(NamedTuple):
    """Messages of one source and the proof that they are in committed roots."""

    source_chain_selector: Selector
    messages: tuple[Any2EVMRampMessage, ...]
    offchain_token_data: tuple[tuple[Bytes, ...], ...]
    proofs: tuple[Bytes32, ...]
    proof_flag_bits: Uint256


class GasLimitOverride(NamedTuple):
    """More gas for a manual execution; zeros keep what the message says."""

    receiver_execution_gas_limit: Uint256
    token_gas_overrides: tuple[Uint32, ...]


class RmnReport(NamedTuple):
    """What RMN nodes sign (spec 6.1). The contract's own address is the implementation's, not the proxy's."""

    dest_chain_id: Uint256
    dest_chain_selector: Selector
    rmn_remote_contract_address: Address
    offramp_address: Address
    rmn_home_contract_config_digest: Bytes32
    merkle_roots: tuple[MerkleRoot, ...]


class RmnSigner(NamedTuple):
    """A key whose blessings RMNRemote accepts; `node_index` strictly ascending."""

    onchain_public_key: Address
    node_index: Uint64


class RmnRemoteConfig(NamedTuple):
    """Whose blessings RMNRemote accepts: `f_sign` + 1 of them."""

    rmn_home_contract_config_digest: Bytes32
    signers: tuple[RmnSigner, ...]
    f_sign: Uint64


class SourceChainConfig(NamedTuple):
    """How an OffRamp takes messages from one source."""

    router: Address
    is_enabled: Bool
    min_seq_nr: Uint64
    is_rmn_verification_disabled: Bool
    on_ramp: Bytes


class RateLimiterConfig(NamedTuple):
    """A token bucket: `capacity` at most, refilled by `rate` a second."""

    is_enabled: Bool
    capacity: Uint128
    rate: Uint128


class OcrConfigArgs(NamedTuple):
    """The oracles of one plugin (0 commit, 1 execute)."""

    config_digest: Bytes32
    ocr_plugin_type: Uint8
    f: Uint8
    is_signature_verification_enabled: Bool
    signers: tuple[Address, ...]
    transmitters: tuple[Address, ...]
