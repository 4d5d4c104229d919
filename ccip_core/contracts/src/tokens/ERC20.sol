// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {IERC20Metadata} from "../interfaces/IERC20Metadata.sol";

/// @title ERC20
/// @notice A fungible token. Its words are those of OpenZeppelin 4.8, because wallets and tools look for them.
abstract contract ERC20 is IERC20Metadata {
    mapping(address account => uint256) internal s_balances;
    mapping(address owner => mapping(address spender => uint256)) internal s_allowances;
    uint256 internal s_totalSupply;
    string internal s_name;
    string internal s_symbol;

    constructor(string memory name_, string memory symbol_) {
        s_name = name_;
        s_symbol = symbol_;
    }

    function name() external view override returns (string memory) {
        return s_name;
    }

    function symbol() external view override returns (string memory) {
        return s_symbol;
    }

    function decimals() public view virtual override returns (uint8) {
        return 18;
    }

    function totalSupply() public view override returns (uint256) {
        return s_totalSupply;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return s_balances[account];
    }

    function allowance(address owner, address spender) public view override returns (uint256) {
        return s_allowances[owner][spender];
    }

    function transfer(address to, uint256 amount) external override returns (bool) {
        _transfer(msg.sender, to, amount);
        return true;
    }

    function approve(address spender, uint256 amount) external override returns (bool) {
        _approve(msg.sender, spender, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external override returns (bool) {
        _spendAllowance(from, msg.sender, amount);
        _transfer(from, to, amount);
        return true;
    }

    function increaseAllowance(address spender, uint256 addedValue) public returns (bool) {
        _approve(msg.sender, spender, s_allowances[msg.sender][spender] + addedValue);
        return true;
    }

    function decreaseAllowance(address spender, uint256 subtractedValue) public returns (bool) {
        uint256 current = s_allowances[msg.sender][spender];
        require(current >= subtractedValue, "ERC20: decreased allowance below zero");

        unchecked {
            _approve(msg.sender, spender, current - subtractedValue);
        }
        return true;
    }

    function _transfer(address from, address to, uint256 amount) internal virtual {
        require(from != address(0), "ERC20: transfer from the zero address");
        require(to != address(0), "ERC20: transfer to the zero address");
        uint256 balance = s_balances[from];
        require(balance >= amount, "ERC20: transfer amount exceeds balance");

        unchecked {
            s_balances[from] = balance - amount;
            s_balances[to] += amount; // no more than the total supply
        }

        emit Transfer(from, to, amount);
    }

    function _mint(address account, uint256 amount) internal virtual {
        require(account != address(0), "ERC20: mint to the zero address");

        s_totalSupply += amount;
        unchecked {
            s_balances[account] += amount; // no more than the total supply
        }

        emit Transfer(address(0), account, amount);
    }

    function _burn(address account, uint256 amount) internal virtual {
        require(account != address(0), "ERC20: burn from the zero address");
        uint256 balance = s_balances[account];
        require(balance >= amount, "ERC20: burn amount exceeds balance");

        unchecked {
            s_balances[account] = balance - amount;
            s_totalSupply -= amount; // no less than any balance
        }

        emit Transfer(account, address(0), amount);
    }

    function _approve(address owner, address spender, uint256 amount) internal virtual {
        require(owner != address(0), "ERC20: approve from the zero address");
        require(spender != address(0), "ERC20: approve to the zero address");

        s_allowances[owner][spender] = amount;

        emit Approval(owner, spender, amount);
    }

    /// @dev An allowance of all there could be is never used up.
    function _spendAllowance(address owner, address spender, uint256 amount) internal {
        uint256 current = s_allowances[owner][spender];
        if (current == type(uint256).max) return;
        require(current >= amount, "ERC20: insufficient allowance");

        unchecked {
            _approve(owner, spender, current - amount);
        }
    }
}
