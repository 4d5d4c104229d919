// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Client} from "../ccip/Client.sol";
import {CrossChainApp} from "../ccip/CrossChainApp.sol";

/// @notice Shares in a real-world asset: only listed people hold them, on every chain. What arrives for somebody who is
/// not (or no longer) listed is held back, neither lost nor handed out, until the issuer lists them or sends it back.
contract AllowlistedAsset is CrossChainApp {
    error NotListed(address account);
    error TooLittle(address account, uint256 has, uint256 needs);

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Listed(address indexed account, bool isListed);
    event HeldBack(bytes32 indexed messageId, address indexed account, uint256 amount);

    string public constant name = "Warehouse Receipt";
    string public constant symbol = "WHR";
    uint8 public constant decimals = 0;

    uint256 public totalSupply;
    mapping(address account => bool) public isListed;
    mapping(address account => uint256) public balanceOf;
    mapping(address account => uint256) public heldBack;

    constructor(address router, address link) CrossChainApp(router, link) {}

    function list(address account, bool value) external onlyOwner {
        isListed[account] = value;
        emit Listed(account, value);
        uint256 waiting = heldBack[account];
        if (value && waiting > 0) {
            delete heldBack[account];
            _mint(account, waiting);
        }
    }

    function issue(address to, uint256 amount) external onlyOwner {
        _requireListed(to);
        _mint(to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _requireListed(to);
        _burn(msg.sender, amount);
        _mint(to, amount);
        return true;
    }

    /// @notice Both ends check: the sender here, the one who gets it at its arrival.
    function bridge(uint64 chain, address to, uint256 amount) external returns (bytes32) {
        _requireListed(msg.sender);
        _burn(msg.sender, amount);
        return _send(chain, abi.encode(to, amount), 200_000);
    }

    function sendBack(uint64 chain, address account, address to) external onlyOwner returns (bytes32) {
        uint256 amount = heldBack[account];
        if (amount == 0) revert TooLittle(account, 0, 1);
        delete heldBack[account];
        return _send(chain, abi.encode(to, amount), 200_000);
    }

    function _receive(Client.Any2EVMMessage calldata message) internal override {
        (address to, uint256 amount) = abi.decode(message.data, (address, uint256));
        if (isListed[to]) return _mint(to, amount);
        heldBack[to] += amount;
        emit HeldBack(message.messageId, to, amount);
    }

    function _requireListed(address account) private view {
        if (!isListed[account]) revert NotListed(account);
    }

    function _mint(address to, uint256 amount) private {
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function _burn(address from, uint256 amount) private {
        uint256 has = balanceOf[from];
        if (has < amount) revert TooLittle(from, has, amount);
        totalSupply -= amount;
        balanceOf[from] = has - amount;
        emit Transfer(from, address(0), amount);
    }
}
