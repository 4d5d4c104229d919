// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Client} from "../ccip/Client.sol";
import {CrossChainApp} from "../ccip/CrossChainApp.sol";

/// @notice A collection that lives on many chains: a piece is burned where it leaves and minted, with its number and its
/// picture, where it arrives. The heart of ERC-721; new pieces are made on the home chain alone.
contract TravellingNFT is CrossChainApp {
    error NotHome();
    error NotYours(uint256 id);
    error Exists(uint256 id);

    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event Departed(bytes32 indexed messageId, uint256 indexed id, uint64 chain, address to);

    string public constant name = "Travelling Pieces";
    string public constant symbol = "TRVL";
    bool public immutable isHome;

    uint256 public nextId = 1;
    mapping(uint256 id => address) public ownerOf;
    mapping(address account => uint256) public balanceOf;
    mapping(uint256 id => string) public tokenURI;

    constructor(address router, address link, bool home) CrossChainApp(router, link) {
        isHome = home;
    }

    function create(address to, string calldata uri) external onlyOwner returns (uint256 id) {
        if (!isHome) revert NotHome();
        id = nextId++;
        _mint(to, id, uri);
    }

    function transferFrom(address from, address to, uint256 id) external {
        if (ownerOf[id] != msg.sender || from != msg.sender) revert NotYours(id);
        ownerOf[id] = to;
        --balanceOf[from];
        ++balanceOf[to];
        emit Transfer(from, to, id);
    }

    function travel(uint64 chain, address to, uint256 id) external returns (bytes32 messageId) {
        if (ownerOf[id] != msg.sender) revert NotYours(id);
        string memory uri = tokenURI[id];
        delete ownerOf[id];
        delete tokenURI[id];
        --balanceOf[msg.sender];
        emit Transfer(msg.sender, address(0), id);
        messageId = _send(chain, abi.encode(to, id, uri), 300_000);
        emit Departed(messageId, id, chain, to);
    }

    function _receive(Client.Any2EVMMessage calldata message) internal override {
        (address to, uint256 id, string memory uri) = abi.decode(message.data, (address, uint256, string));
        _mint(to, id, uri);
    }

    function _mint(address to, uint256 id, string memory uri) private {
        if (ownerOf[id] != address(0)) revert Exists(id);
        ownerOf[id] = to;
        tokenURI[id] = uri;
        ++balanceOf[to];
        emit Transfer(address(0), to, id);
    }
}
