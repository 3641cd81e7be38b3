import type { NodeName } from '../base/ids.ts'
import type { NodeUnderTest } from './cluster-under-test-node.ts'
import type { Gap } from './gap-statistics.ts'
import { LoadedCluster, type LoadedClusterOptions, type Verdict } from './loaded-cluster.ts'

/** One node given a successor. */
export interface Replacement {
  readonly node: NodeName
  /** Conversations that it had to give away, by the store as the drain was asked for. */
  readonly owned: number
  /** How many of them went by handover. */
  readonly moved: number
  /** From asking for the drain until the node owned nothing; absent: not in time. */
  readonly drainedMs?: number
  /** From there until its successor served and all knew it; absent: not in time. */
  readonly replacedMs?: number
  /** The client that waited longest, from asking for the drain until the successor served. */
  readonly worst?: Gap
}

export interface RollResult {
  readonly replacements: readonly Replacement[]
  /** Refusals of any kind that a client saw on the wire, those included after which its library tried again. */
  readonly refusals: number
  readonly socketsClosed: number
  readonly verdict: Verdict
}

interface RollOptions extends LoadedClusterOptions {
  readonly onProgress: (done: number, total: number, note: string) => void
  /** Called with the cluster as soon as it is there, so that whoever interrupts can end it. */
  readonly onStarted: (running: LoadedCluster) => void
}

const CALM_MS = 1000
const DRAIN_DEADLINE_MS = 30_000
const POLL_MS = 50

/** Replaces every chat node, one by one, under load: drain, end, start again. */
export async function rollCampaign(options: RollOptions): Promise<RollResult> {
  options.onProgress(0, 1, 'starting a cluster')
  const running = await LoadedCluster.start(options)
  options.onStarted(running)
  const { cluster, load } = running
  try {
    await load.begin()
    const before = { refusals: load.refusals, socketsClosed: load.socketsClosed }
    const chats = (await cluster.nodes()).filter(({ role }) => role === 'chat')
    const replacements: Replacement[] = []
    for (const { name } of chats) {
      await running.rest(CALM_MS)
      replacements.push(await replace(running, options, name))
      options.onProgress(replacements.length, chats.length, `${name} replaced`)
    }
    await running.rest(CALM_MS)
    const verdict = await running.judge()
    return {
      replacements,
      refusals: load.refusals - before.refusals,
      socketsClosed: load.socketsClosed - before.socketsClosed,
      verdict,
    }
  } finally {
    await running.stop()
  }
}

async function replace(running: LoadedCluster, options: RollOptions, name: NodeName): Promise<Replacement> {
  const { cluster } = running
  const { clock } = options.ports
  const old = await nodeOf(running, name)
  const owned = old.row ? await cluster.ownedBy(old.row.incarnation) : 0
  const startMs = clock.monotonicMs()
  await cluster.drain(name, DRAIN_DEADLINE_MS)
  const patience = { patienceMs: DRAIN_DEADLINE_MS, everyMs: POLL_MS }
  const drainedMs = await running.wait(patience, async () => (await cluster.drainState(name)).phase === 'empty')
  const { moved } = await cluster.drainState(name)
  cluster.signal(name, 'SIGTERM')
  const endedMs = clock.monotonicMs()
  const successor = async () => cluster.pids.get(name)?.pid !== old.pid && (await cluster.whole())
  const replaced = await running.wait(patience, successor)
  const untilMs = clock.monotonicMs()
  const worst = running.worstGap(startMs, untilMs)
  return {
    node: name,
    owned,
    moved,
    ...(drainedMs !== undefined && { drainedMs }),
    ...(replaced !== undefined && { replacedMs: untilMs - endedMs }),
    ...(worst && { worst }),
  }
}

async function nodeOf(running: LoadedCluster, name: NodeName): Promise<NodeUnderTest> {
  const node = (await running.cluster.nodes()).find((each) => each.name === name)
  if (!node) throw new Error(`There is no node called ${name}.`)
  return node
}
