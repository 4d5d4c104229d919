// The official client, unmodified, does what it is asked on stdin and answers on stdout, both in JSON.
//
//   node official_client.mjs VERB < {"deployment": …, "key": "0x…", …}
//
// Selectors, amounts and sequence numbers are text in both directions. `apiClient: null`: nothing is asked of Chainlink's
// hosted API, which knows no local chain.

import {
  EVMChain,
  ExecutionState,
  calculateManualExecProof,
  discoverOffRamp,
} from '@chainlink/ccip-sdk'
import { Wallet } from 'ethers'

const quiet = { debug() {}, info() {}, log() {}, warn() {}, error: console.error }

/** Every chain of the deployment, by selector. */
async function openChains(deployment) {
  const opened = {}
  for (const entry of deployment.chains) {
    opened[entry.selector] = { ...entry, chain: await EVMChain.fromUrl(entry.http, { apiClient: null, logger: quiet }) }
  }
  return opened
}

/** What a user's program finds out from nothing but the Router's address. */
async function discover({ deployment }, chains) {
  const lanes = []
  for (const { source, dest } of deployment.lanes) {
    const [from, to] = [chains[source], chains[dest]]
    const router = from.contracts.router
    const onRamp = await from.chain.getOnRampForRouter(router, BigInt(dest))
    const offRamp = await discoverOffRamp(from.chain, to.chain, onRamp, { logger: quiet })
    const [, , onRampVersion] = await from.chain.typeAndVersion(onRamp)
    const [, , offRampVersion] = await to.chain.typeAndVersion(offRamp)
    lanes.push({ source, dest, onRamp, offRamp, onRampVersion, offRampVersion })
  }
  return { lanes, names: Object.values(chains).map(({ chain }) => chain.network.name) }
}

/** Registry, tokens, pools, remotes and limits of every chain. */
async function pools({ deployment }, chains) {
  const found = []
  for (const { selector, contracts, chain } of Object.values(chains)) {
    const remote = deployment.lanes.find((lane) => lane.source === selector).dest
    const onRamp = await chain.getOnRampForRouter(contracts.router, BigInt(remote))
    const registry = await chain.getTokenAdminRegistryFor(onRamp)
    const tokens = []
    for (const token of await chain.getSupportedTokens(registry)) {
      const { tokenPool } = await chain.getRegistryTokenConfig(registry, token)
      const config = await chain.getTokenPoolConfig(tokenPool)
      tokens.push({
        token,
        pool: tokenPool,
        ...(await chain.getTokenInfo(token)),
        typeAndVersion: config.typeAndVersion,
        remotes: await chain.getTokenPoolRemotes(tokenPool),
      })
    }
    found.push({ selector, registry, tokens, feeTokens: await chain.getFeeTokens(onRamp) })
  }
  return { chains: found }
}

const nameOf = (state) => Object.keys(ExecutionState).find((name) => ExecutionState[name] === state)

/** Quote and send; the message, and what it cost. */
async function send(job, chains) {
  const from = chains[job.source]
  const message = {
    receiver: job.receiver,
    data: job.data ?? '0x',
    extraArgs: { gasLimit: BigInt(job.gasLimit ?? 200_000), allowOutOfOrderExecution: true },
    ...(job.feeToken && { feeToken: job.feeToken }),
    ...(job.tokens && { tokenAmounts: job.tokens.map(({ token, amount }) => ({ token, amount: BigInt(amount) })) }),
  }
  const route = { router: from.contracts.router, destChainSelector: BigInt(job.dest) }
  const fee = await from.chain.getFee({ ...route, message })
  const wallet = new Wallet(job.key, from.chain.provider)
  const request = await from.chain.sendMessage({ ...route, message: { ...message, fee }, wallet })
  return { fee, request }
}

/** Follow a message to its first execution, and prove its leaf against the committed root. */
async function follow(request, chains) {
  const { sourceChainSelector, destChainSelector, onRamp } = request.lane
  const [source, dest] = [chains[sourceChainSelector].chain, chains[destChainSelector].chain]
  const offRamp = await discoverOffRamp(source, dest, onRamp, { logger: quiet })
  const isFinal = await source.waitFinalized({ request, abort: AbortSignal.timeout(30_000) })
  const verifications = await dest.getVerifications({ offRamp, request, watch: AbortSignal.timeout(60_000) })
  let receipt
  for await (const execution of dest.getExecutionReceipts({
    offRamp,
    messageId: request.message.messageId,
    sourceChainSelector,
    verifications,
    watch: AbortSignal.timeout(60_000),
  })) {
    receipt = execution.receipt
    break
  }
  const batch = await source.getMessagesInBatch(request, verifications.report)
  const proof = calculateManualExecProof(
    batch, request.lane, request.message.messageId, verifications.report.merkleRoot, { logger: quiet })
  return { offRamp, isFinal, report: verifications.report, receipt, state: nameOf(receipt.state), proof }
}

async function sendAndFollow(job, chains) {
  const { fee, request } = await send(job, chains)
  const { transactionHash } = request.log
  return { fee, messageId: request.message.messageId, transactionHash, ...(await follow(request, chains)) }
}

/** Execute a failed message by hand, from its transaction alone. */
async function execute(job, chains) {
  const source = chains[job.source].chain
  const [request] = await source.getMessagesInTx(job.transactionHash)
  const dest = chains[request.lane.destChainSelector].chain
  const offRamp = await discoverOffRamp(source, dest, request.lane.onRamp, { logger: quiet })
  const verifications = await dest.getVerifications({ offRamp, request })
  const input = await source.getExecutionInput({ request, verifications })
  const wallet = new Wallet(job.key, dest.provider)
  const { receipt } = await dest.execute({ offRamp, input, wallet, gasLimit: job.gasLimit })
  return { messageId: receipt.messageId, state: nameOf(receipt.state), proofs: input.proofs }
}

/** What the client tells its user when the chain refuses a message; null when it does not. */
async function refusal(job, chains) {
  try {
    await send(job, chains)
    return { error: null }
  } catch (error) {
    const parsed = EVMChain.parse(error)
    if (!parsed) throw error
    return { error: parsed }
  }
}

/** Logs of any version, as the client reads them: messages, commit reports and execution receipts. */
function decode({ logs, lane }) {
  const known = { ...lane, sourceChainSelector: BigInt(lane.sourceChainSelector) }
  const read = (log) => EVMChain.decodeMessage(log) ?? EVMChain.decodeReceipt(log) ?? EVMChain.decodeCommits(log, known)
  return { logs: logs.map(read) }
}

const VERBS = { decode, discover, pools, sendAndFollow, execute, refusal }

const text = (_, value) => (typeof value === 'bigint' ? value.toString() : value)
let asked = ''
for await (const part of process.stdin) asked += part
const job = JSON.parse(asked)
const chains = job.deployment ? await openChains(job.deployment) : {}
const answer = await VERBS[process.argv[2]](job, chains)
process.stdout.write(JSON.stringify(answer, text) + '\n', () => process.exit(0))
