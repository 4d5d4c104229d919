// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Pool} from "../../src/libraries/Pool.sol";
import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {Test} from "../Test.sol";

/// @dev A token locked at home (18 decimals) and minted abroad (6), and people who send it to and fro, while limits change
/// and time passes. The handler is both chains' Router, ramps and RMN.
contract TokenPoolsHandler is Test {
    uint64 internal constant HOME = 1;
    uint64 internal constant ABROAD = 2;
    uint256 internal constant PRE_MINT = 1e30;
    uint256 public constant SCALE = 1e12;

    struct Flight {
        bool isOutbound; // from home
        uint256 amount; // in the source's decimals
    }

    FactoryBurnMintERC20 public s_home;
    FactoryBurnMintERC20 public s_abroad;
    TokenPool public s_homePool;
    TokenPool public s_abroadPool;
    Flight[] internal s_flights;

    uint256 public inFlightFromHome;
    uint256 public inFlightFromAbroad;

    uint256 public limitSetAt; // since then:
    uint256 public heldThen;
    uint256 public passed;

    constructor() {
        s_home = FactoryBurnMintERC20(_token(18, PRE_MINT));
        s_abroad = FactoryBurnMintERC20(_token(6, 0));
        s_homePool = TokenPool(_pool("LockReleaseTokenPool", address(s_home), 18));
        s_abroadPool = TokenPool(_pool("BurnMintTokenPool", address(s_abroad), 6));
        s_abroad.grantMintAndBurnRoles(address(s_abroadPool));
        s_homePool.applyChainUpdates(new uint64[](0), _chain(ABROAD, address(s_abroadPool), address(s_abroad)));
        s_abroadPool.applyChainUpdates(new uint64[](0), _chain(HOME, address(s_homePool), address(s_home)));
        _limitSet();
    }

    function _token(uint8 decimals, uint256 preMint) private returns (address) {
        return deployed("FactoryBurnMintERC20", abi.encode("T", "T", decimals, uint256(0), preMint, address(this)));
    }

    function _pool(string memory name, address token, uint8 decimals) private returns (address) {
        return deployed(name, abi.encode(token, decimals, new address[](0), address(this), address(this)));
    }

    function _chain(uint64 remote, address remotePool, address remoteToken)
        private
        pure
        returns (TokenPool.ChainUpdate[] memory chains)
    {
        chains = new TokenPool.ChainUpdate[](1);
        bytes[] memory pools = new bytes[](1);
        pools[0] = abi.encode(remotePool);
        RateLimiter.Config memory limit = RateLimiter.Config(true, 1e24, 1e20);
        chains[0] = TokenPool.ChainUpdate(remote, pools, abi.encode(remoteToken), limit, limit);
    }

    // ---- what pools ask of a Router and of RMN ----------------------------------------------------------------------

    function getOnRamp(uint64) external view returns (address) {
        return address(this);
    }

    function isOffRamp(uint64, address offRamp) external view returns (bool) {
        return offRamp == address(this);
    }

    function isCursed(bytes16) external pure returns (bool) {
        return false;
    }

    // ---- actions ----------------------------------------------------------------------------------------------------

    function sendFromHome(uint256 amount) external {
        RateLimiter.TokenBucket memory bucket = s_homePool.getCurrentOutboundRateLimiterState(ABROAD);
        amount = bound(amount, 0, bucket.isEnabled ? bucket.tokens : 1e27);
        if (amount > s_home.balanceOf(address(this))) return;
        s_home.transfer(address(s_homePool), amount);
        s_homePool.lockOrBurn(
            Pool.LockOrBurnInV1(abi.encode(address(this)), ABROAD, address(this), amount, address(s_home))
        );
        if (bucket.isEnabled) passed += amount;
        s_flights.push(Flight(true, amount));
        inFlightFromHome += amount;
    }

    function sendFromAbroad(uint256 amount) external {
        RateLimiter.TokenBucket memory bucket = s_abroadPool.getCurrentOutboundRateLimiterState(HOME);
        uint256 most = s_abroad.balanceOf(address(this));
        if (bucket.tokens < most) most = bucket.tokens;
        amount = bound(amount, 0, most);
        s_abroad.transfer(address(s_abroadPool), amount);
        s_abroadPool.lockOrBurn(
            Pool.LockOrBurnInV1(abi.encode(address(this)), HOME, address(this), amount, address(s_abroad))
        );
        s_flights.push(Flight(false, amount));
        inFlightFromAbroad += amount;
    }

    /// @dev Any of those on their way arrives, unless a limit holds it back.
    function arrive(uint256 index) external {
        if (s_flights.length == 0) return;
        index %= s_flights.length;
        Flight memory flight = s_flights[index];
        TokenPool pool = flight.isOutbound ? s_abroadPool : s_homePool;
        uint64 remote = flight.isOutbound ? HOME : ABROAD;
        uint256 local = flight.isOutbound ? flight.amount / SCALE : flight.amount * SCALE;
        RateLimiter.TokenBucket memory bucket = pool.getCurrentInboundRateLimiterState(remote);
        if (bucket.isEnabled && local > bucket.tokens) return;

        pool.releaseOrMint(
            Pool.ReleaseOrMintInV1(
                abi.encode(address(this)),
                remote,
                address(this),
                flight.amount,
                address(flight.isOutbound ? s_abroad : s_home),
                abi.encode(address(flight.isOutbound ? s_homePool : s_abroadPool)),
                abi.encode(flight.isOutbound ? 18 : 6),
                ""
            )
        );
        s_flights[index] = s_flights[s_flights.length - 1];
        s_flights.pop();
        if (flight.isOutbound) inFlightFromHome -= flight.amount;
        else inFlightFromAbroad -= flight.amount;
    }

    function setLimit(bool isEnabled, uint128 capacity, uint128 rate) external {
        capacity = uint128(bound(capacity, 0, 1e26));
        RateLimiter.Config memory limit = isEnabled
            ? RateLimiter.Config(true, capacity, uint128(bound(rate, 0, capacity)))
            : RateLimiter.Config(false, 0, 0);
        s_homePool.setChainRateLimiterConfig(ABROAD, limit, limit);
        _limitSet();
    }

    function wait(uint256 elapsedS) external {
        vm.warp(block.timestamp + bound(elapsedS, 1, 1 days));
    }

    function _limitSet() private {
        limitSetAt = block.timestamp;
        heldThen = bucketOut().tokens;
        passed = 0;
    }

    function bucketOut() public view returns (RateLimiter.TokenBucket memory) {
        return s_homePool.getCurrentOutboundRateLimiterState(ABROAD);
    }

    function bucketIn() external view returns (RateLimiter.TokenBucket memory) {
        return s_homePool.getCurrentInboundRateLimiterState(ABROAD);
    }

    function locked() external view returns (uint256) {
        return s_home.balanceOf(address(s_homePool));
    }
}
