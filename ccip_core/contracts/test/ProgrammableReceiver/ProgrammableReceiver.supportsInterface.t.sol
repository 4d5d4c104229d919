// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ProgrammableReceiver} from "../../src/applications/ProgrammableReceiver.sol";
import {Test} from "../Test.sol";

contract ProgrammableReceiver_supportsInterface is Test {
    uint256 internal constant GAS_MAX = 30_000; // what the OffRamp allows for each question

    ProgrammableReceiver internal s_receiver = new ProgrammableReceiver(address(0x2007));

    function test_supportsInterface() external view {
        check(ask(0x85572ffb), "a CCIP receiver");
        check(ask(0x01ffc9a7), "ERC-165");
        check(!ask(0xffffffff), "and honest about it");
    }

    function testFuzz_supportsInterface_nothingElse(bytes4 interfaceId) external view {
        check(ask(interfaceId) == (interfaceId == 0x85572ffb || interfaceId == 0x01ffc9a7), "nothing else");
    }

    function ask(bytes4 interfaceId) internal view returns (bool) {
        return s_receiver.supportsInterface{gas: GAS_MAX}(interfaceId);
    }
}
