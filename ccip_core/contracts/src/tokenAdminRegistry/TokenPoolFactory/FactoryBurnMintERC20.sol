// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Ownable2StepMsgSender} from "../../access/Ownable2StepMsgSender.sol";
import {IBurnMintERC20} from "../../interfaces/IBurnMintERC20.sol";
import {IERC165} from "../../interfaces/IERC165.sol";
import {IERC20} from "../../interfaces/IERC20.sol";
import {IGetCCIPAdmin} from "../../interfaces/IGetCCIPAdmin.sol";
import {IOwnable} from "../../interfaces/IOwnable.sol";
import {EnumerableSet} from "../../libraries/EnumerableSet.sol";
import {ERC20} from "../../tokens/ERC20.sol";

/// @title FactoryBurnMintERC20
/// @notice A token whose owner says who may mint and who may burn. Made for TokenPoolFactory: the contract's owner is who
/// deploys it, the CCIP admin and holder of what is minted at the start is who it was deployed for.
/// @dev Tokens sent to the token itself would be lost: transfers, approvals and mints to it revert without a word.
contract FactoryBurnMintERC20 is IBurnMintERC20, IGetCCIPAdmin, IERC165, ERC20, Ownable2StepMsgSender {
    using EnumerableSet for EnumerableSet.AddressSet;

    error SenderNotMinter(address sender);
    error SenderNotBurner(address sender);
    error MaxSupplyExceeded(uint256 supplyAfterMint);

    event MintAccessGranted(address minter);
    event BurnAccessGranted(address burner);
    event MintAccessRevoked(address minter);
    event BurnAccessRevoked(address burner);
    event CCIPAdminTransferred(address indexed previousAdmin, address indexed newAdmin);

    uint8 internal immutable i_decimals;
    uint256 internal immutable i_maxSupply;

    address internal s_ccipAdmin;
    EnumerableSet.AddressSet internal s_minters;
    EnumerableSet.AddressSet internal s_burners;

    /// @param maxSupply_ In smallest units; 0: no limit.
    /// @param preMint In smallest units, for `newOwner`.
    constructor(
        string memory name,
        string memory symbol,
        uint8 decimals_,
        uint256 maxSupply_,
        uint256 preMint,
        address newOwner
    ) ERC20(name, symbol) {
        i_decimals = decimals_;
        i_maxSupply = maxSupply_;
        s_ccipAdmin = newOwner;
        if (preMint != 0) {
            if (maxSupply_ != 0 && preMint > maxSupply_) revert MaxSupplyExceeded(preMint);

            _mint(newOwner, preMint);
        }
    }

    /// @notice How tools tell contracts apart.
    function typeAndVersion() external pure returns (string memory) {
        return "FactoryBurnMintERC20 1.6.2";
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public pure override returns (bool) {
        return interfaceId == type(IERC20).interfaceId || interfaceId == type(IBurnMintERC20).interfaceId
            || interfaceId == type(IERC165).interfaceId || interfaceId == type(IOwnable).interfaceId
            || interfaceId == type(IGetCCIPAdmin).interfaceId;
    }

    function decimals() public view override returns (uint8) {
        return i_decimals;
    }

    /// @notice In smallest units; 0: no limit.
    function maxSupply() public view returns (uint256) {
        return i_maxSupply;
    }

    // ---- mint and burn ----------------------------------------------------------------------------------------------

    /// @inheritdoc IBurnMintERC20
    function mint(address account, uint256 amount) external override {
        if (!isMinter(msg.sender)) revert SenderNotMinter(msg.sender);
        _refuseSelf(account);
        if (i_maxSupply != 0 && s_totalSupply + amount > i_maxSupply) revert MaxSupplyExceeded(s_totalSupply + amount);

        _mint(account, amount);
    }

    /// @inheritdoc IBurnMintERC20
    function burn(uint256 amount) public override {
        _checkBurner();

        _burn(msg.sender, amount);
    }

    /// @inheritdoc IBurnMintERC20
    function burn(address account, uint256 amount) public override {
        burnFrom(account, amount);
    }

    /// @inheritdoc IBurnMintERC20
    function burnFrom(address account, uint256 amount) public override {
        _checkBurner();

        _spendAllowance(account, msg.sender, amount);
        _burn(account, amount);
    }

    function _checkBurner() private view {
        if (!isBurner(msg.sender)) revert SenderNotBurner(msg.sender);
    }

    // ---- ERC-20 -----------------------------------------------------------------------------------------------------

    /// @notice `increaseAllowance` under its oldest name.
    function increaseApproval(address spender, uint256 addedValue) external {
        increaseAllowance(spender, addedValue);
    }

    /// @notice `decreaseAllowance` under its oldest name.
    function decreaseApproval(address spender, uint256 subtractedValue) external returns (bool success) {
        return decreaseAllowance(spender, subtractedValue);
    }

    function _transfer(address from, address to, uint256 amount) internal override {
        _refuseSelf(to);
        super._transfer(from, to, amount);
    }

    function _approve(address holder, address spender, uint256 amount) internal override {
        _refuseSelf(spender);
        super._approve(holder, spender, amount);
    }

    function _refuseSelf(address recipient) private view {
        if (recipient == address(this)) revert();
    }

    // ---- roles ------------------------------------------------------------------------------------------------------

    /// @notice Lets an account, usually a pool, mint and burn. Owner only.
    function grantMintAndBurnRoles(address burnAndMinter) external {
        grantMintRole(burnAndMinter);
        grantBurnRole(burnAndMinter);
    }

    /// @notice Lets an account mint. Owner only.
    function grantMintRole(address minter) public onlyOwner {
        if (s_minters.add(minter)) emit MintAccessGranted(minter);
    }

    /// @notice Lets an account burn. Owner only.
    function grantBurnRole(address burner) public onlyOwner {
        if (s_burners.add(burner)) emit BurnAccessGranted(burner);
    }

    /// @notice Lets an account mint no longer. Owner only.
    function revokeMintRole(address minter) external onlyOwner {
        if (s_minters.remove(minter)) emit MintAccessRevoked(minter);
    }

    /// @notice Lets an account burn no longer. Owner only.
    function revokeBurnRole(address burner) external onlyOwner {
        if (s_burners.remove(burner)) emit BurnAccessRevoked(burner);
    }

    function getMinters() external view returns (address[] memory) {
        return s_minters.values();
    }

    function getBurners() external view returns (address[] memory) {
        return s_burners.values();
    }

    function isMinter(address minter) public view returns (bool) {
        return s_minters.contains(minter);
    }

    function isBurner(address burner) public view returns (bool) {
        return s_burners.contains(burner);
    }

    /// @inheritdoc IGetCCIPAdmin
    function getCCIPAdmin() external view override returns (address) {
        return s_ccipAdmin;
    }

    /// @notice Names another CCIP admin; zero: nobody. Owner only.
    function setCCIPAdmin(address newAdmin) external onlyOwner {
        address previousAdmin = s_ccipAdmin;
        s_ccipAdmin = newAdmin;

        emit CCIPAdminTransferred(previousAdmin, newAdmin);
    }
}
