// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @dev Asks many questions in one call and tells each answer, reverts too.
contract Asker {
    struct Question {
        address to;
        bytes data;
    }

    struct Answer {
        bool success;
        bytes data;
    }

    function ask(Question[] calldata questions) external view returns (Answer[] memory answers) {
        answers = new Answer[](questions.length);
        for (uint256 i = 0; i < questions.length; ++i) {
            (answers[i].success, answers[i].data) = questions[i].to.staticcall(questions[i].data);
        }
    }
}
