// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IAny2EVMMessageReceiver} from "../../src/interfaces/IAny2EVMMessageReceiver.sol";
import {IRouter} from "../../src/interfaces/IRouter.sol";
import {Client} from "../../src/libraries/Client.sol";
import {Router} from "../../src/Router.sol";
import {CCIPBase} from "../CCIPBase.t.sol";
import {ActingReceiver} from "../props/ActingReceiver.sol";

contract Router_routeMessage is CCIPBase {
    ActingReceiver internal s_receiver;

    function setUp() public override {
        super.setUp();
        s_receiver = new ActingReceiver();
    }

    function message() internal pure returns (Client.Any2EVMMessage memory routed) {
        routed.messageId = keccak256("id");
        routed.sourceChainSelector = REMOTE;
        routed.sender = REMOTE_SENDER;
        routed.destTokenAmounts = new Client.EVMTokenAmount[](0);
    }

    function route(address receiver, uint256 gasLimit) internal returns (bool success, bytes memory answer) {
        vm.prank(address(s_offRamp));
        (success, answer,) = s_router.routeMessage(message(), 5000, gasLimit, receiver);
    }

    /// @dev Conformance 6: also for a receiver that fails; no more than 132 bytes come back.
    function test_routeMessage_receiverReverts() external {
        s_receiver.tell(ActingReceiver.End.REVERT, address(0), "", new bytes(1000));
        bytes memory call = abi.encodeCall(IAny2EVMMessageReceiver.ccipReceive, (message()));

        vm.expectEmit(address(s_router));
        emit Router.MessageExecuted(keccak256("id"), REMOTE, address(s_offRamp), keccak256(call));
        (bool success, bytes memory answer) = route(address(s_receiver), 200_000);

        check(!success, "failed");
        checkEq(answer.length, 132, "cut");
    }

    function test_routeMessage() external {
        (bool success,) = route(address(s_receiver), 200_000);

        check(success, "success");
        checkEq(s_receiver.lastMessageId(), keccak256("id"), "received");
    }

    /// @dev Conformance 9: an OffRamp of one source can't deliver for another.
    function test_RevertWhen_routeMessage_notAnOffRampOfTheSource() external {
        Router.OffRamp[] memory removes = new Router.OffRamp[](1);
        removes[0] = Router.OffRamp(REMOTE, address(s_offRamp));
        s_router.applyRampUpdates(new Router.OnRamp[](0), removes, new Router.OffRamp[](0));
        check(s_router.isOffRamp(UNBLESSED, address(s_offRamp)), "of the other source");

        Client.Any2EVMMessage memory routed = message();
        vm.expectRevert(abi.encodePacked(IRouter.OnlyOffRamp.selector));
        vm.prank(address(s_offRamp));
        s_router.routeMessage(routed, 5000, 200_000, address(s_receiver));
    }

    function test_RevertWhen_routeMessage_globallyCursed() external {
        s_rmnRemote.curse(GLOBAL);
        Client.Any2EVMMessage memory routed = message();
        vm.expectRevert(abi.encodePacked(Router.BadARMSignal.selector));
        vm.prank(address(s_offRamp));
        s_router.routeMessage(routed, 5000, 200_000, address(s_receiver));
    }

    function test_RevertWhen_routeMessage_receiverCanNotBeGivenItsGas() external {
        Client.Any2EVMMessage memory routed = message();
        vm.expectRevert(abi.encodeWithSignature("NotEnoughGasForCall()"));
        vm.prank(address(s_offRamp));
        s_router.routeMessage(routed, 5000, 10 ** 12, address(s_receiver));
        vm.expectRevert(abi.encodeWithSignature("NoContract()"));
        vm.prank(address(s_offRamp));
        s_router.routeMessage(routed, 5000, 200_000, s_someone);
    }
}
