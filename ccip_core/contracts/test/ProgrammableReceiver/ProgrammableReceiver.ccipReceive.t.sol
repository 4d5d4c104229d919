// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ProgrammableReceiver} from "../../src/applications/ProgrammableReceiver.sol";
import {Client} from "../../src/libraries/Client.sol";
import {Test} from "../Test.sol";

contract ProgrammableReceiver_ccipReceive is Test {
    address internal s_router = address(0x2007);
    ProgrammableReceiver internal s_receiver;

    function setUp() public {
        s_receiver = new ProgrammableReceiver(s_router);
    }

    function testFuzz_ccipReceive(bytes32 messageId, uint64 source, bytes calldata sender, bytes calldata data)
        external
    {
        vm.expectEmit(address(s_receiver));
        emit ProgrammableReceiver.MessageReceived(messageId, source, sender, data);
        deliver(message(messageId, source, sender, data));

        check(s_receiver.lastMessageId() == messageId, "message id");
        checkEq(s_receiver.lastSourceChainSelector(), source, "source");
        check(keccak256(s_receiver.lastSender()) == keccak256(sender), "sender");
        check(keccak256(s_receiver.lastData()) == keccak256(data), "data");
        checkEq(s_receiver.lastTokenCount(), 1, "tokens");
        checkEq(s_receiver.messageCount(), 1, "count");
    }

    function test_ccipReceive_succeedsAgainAfterRevert() external {
        s_receiver.setShouldRevert(true);
        vm.expectRevert(abi.encodeWithSelector(ProgrammableReceiver.ToldToRevert.selector, bytes32(uint256(7))));
        deliver(message(bytes32(uint256(7)), 1, "", ""));

        s_receiver.setShouldRevert(false);
        deliver(message(bytes32(uint256(7)), 1, "", ""));

        checkEq(s_receiver.messageCount(), 1, "count");
    }

    function test_RevertWhen_ccipReceive_notCalledByRouter() external {
        vm.expectRevert(abi.encodeWithSelector(ProgrammableReceiver.InvalidRouter.selector, address(this)));
        s_receiver.ccipReceive(message(bytes32(0), 1, "", ""));
    }

    function test_RevertWhen_constructor_routerIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(ProgrammableReceiver.InvalidRouter.selector, address(0)));
        new ProgrammableReceiver(address(0));
    }

    function deliver(Client.Any2EVMMessage memory delivered) internal {
        vm.prank(s_router);
        s_receiver.ccipReceive(delivered);
    }

    function message(bytes32 messageId, uint64 source, bytes memory sender, bytes memory data)
        internal
        pure
        returns (Client.Any2EVMMessage memory)
    {
        Client.EVMTokenAmount[] memory tokens = new Client.EVMTokenAmount[](1);
        tokens[0] = Client.EVMTokenAmount(address(0x70), 5);
        return Client.Any2EVMMessage(messageId, source, sender, data, tokens);
    }
}
