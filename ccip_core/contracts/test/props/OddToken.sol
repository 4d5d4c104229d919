// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @dev A token with the vices of real ones: it may take a fee of each transfer, return nothing, return false, return too
/// much, or revert without a word. It tells no decimals until it was told some.
contract OddToken {
    enum Vice {
        NONE,
        FEE,
        RETURN_NOTHING,
        RETURN_FALSE,
        RETURN_JUNK,
        REVERT_SILENTLY,
        REVERT_WITH_WORDS
    }

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    uint256 internal constant FEE_PERCENT = 1;

    Vice public vice;
    uint256 public totalSupply;
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function setVice(Vice newVice) external {
        vice = newVice;
    }

    function mint(address account, uint256 amount) public {
        totalSupply += amount;
        balanceOf[account] += amount;

        emit Transfer(address(0), account, amount);
    }

    function burn(uint256 amount) external {
        burnFrom(msg.sender, amount);
    }

    function burn(address account, uint256 amount) external {
        burnFrom(account, amount);
    }

    function burnFrom(address account, uint256 amount) public {
        balanceOf[account] -= amount;
        totalSupply -= amount;

        emit Transfer(account, address(0), amount);
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;

        emit Approval(msg.sender, spender, amount);
        _answer();
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) internal {
        uint256 fee = vice == Vice.FEE ? amount * FEE_PERCENT / 100 : 0;
        balanceOf[from] -= amount;
        balanceOf[to] += amount - fee;
        totalSupply -= fee;

        emit Transfer(from, to, amount - fee);
        _answer();
    }

    function _answer() internal view {
        if (vice == Vice.RETURN_NOTHING) return;
        if (vice == Vice.REVERT_SILENTLY) revert();
        if (vice == Vice.REVERT_WITH_WORDS) revert("not today");
        uint256 answer = vice == Vice.RETURN_FALSE ? 0 : vice == Vice.RETURN_JUNK ? 2 : 1;
        assembly ("memory-safe") {
            mstore(0, answer)
            return(0, 0x20)
        }
    }
}
