import type { Clock } from '../base/clock.ts'
import type { Incarnation } from '../base/ids.ts'
import type { Metrics } from '../base/metrics.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import type { SecretVault } from '../config/secret-vault-node.ts'
import type { AlarmCode } from '../ops/alarm-catalogue.ts'
import type { Sight } from '../ops/alarm-decision.ts'
import type { Observer } from '../ops/alarm-watch.ts'
import type { ConfigStore } from '../store/config-store.ts'
import type { Finding } from '../store/database-safety.ts'
import type { LogStore, MemberRow } from '../store/log-store.ts'
import type { OutboxStore } from '../store/outbox-store.ts'
import { stateOf } from './cluster-view.ts'
import type { NodeFacade } from './node-facade.ts'
import { isNodeConfiguration } from './rest-config.ts'

type Watching = Pick<NodeFacade, 'self' | 'members' | 'leaseHeld' | 'storeAvailability' | 'inspect'>

export interface Disk {
  readonly freeBytes: number
  readonly totalBytes: number
}

const CLUSTER = 'cluster'
const DISK_FREE_BYTES_MIN = 1024 ** 3
const DISK_FREE_SHARE_MIN = 0.05
const BACKLOG_MS_MAX = 600_000
const DAMAGED_COUNTED_MAX = 1000
const STORM_WITHIN_MS = 300_000
const STORM_DEATHS = 3
const INSPECT_PATIENCE_MS = 1000

/** Looks no more often than this; in between nothing is said. */
export function seldom(clock: Clock, everyMs: number, observe: Observer): Observer {
  let lookedAtMs = Number.NEGATIVE_INFINITY
  return (open) => {
    const nowMs = clock.monotonicMs()
    if (nowMs - lookedAtMs < everyMs) return []
    lookedAtMs = nowMs
    return observe(open)
  }
}

/** A node is lost when all its runs are dead and the last one was not giving everything away. */
export function lostNodes(node: Watching): Observer {
  return () => {
    const names = new Set(node.members().map((member) => member.node))
    return [...names].flatMap((name) => {
      const runs = node.members().filter((member) => member.node === name)
      const states = runs.map((run) => (run.incarnation === node.self().incarnation ? 'live' : stateOf(run)))
      if (states.includes('live')) return sight('node-lost', name, false)
      // It may be alive after all: the next beats tell.
      if (states.includes('suspect')) return []
      const last = runs.reduce((one, other) => (other.beatAgeMs < one.beatAgeMs ? other : one))
      const sentence = `${name} is dead; ${counted(last.owned)} went to other nodes.`
      return sight('node-lost', name, last.mode !== 'draining', sentence, last.owned)
    })
  }
}

/** Deaths of nodes that owned something, one after the other. */
export function adoptionStorm(clock: Clock, node: Watching): Observer {
  const deaths = new Map<Incarnation, { readonly atMs: number; readonly run: MemberRow }>()
  return () => {
    const nowMs = clock.monotonicMs()
    for (const run of node.members())
      if (stateOf(run) === 'dead' && run.mode !== 'draining' && run.owned > 0 && !deaths.has(run.incarnation))
        deaths.set(run.incarnation, { atMs: nowMs, run })
    for (const [incarnation, { atMs }] of deaths) {
      const told = node.members().some((run) => run.incarnation === incarnation)
      if (!told && nowMs - atMs > STORM_WITHIN_MS) deaths.delete(incarnation)
    }
    const late = [...deaths.values()].filter(({ atMs }) => nowMs - atMs <= STORM_WITHIN_MS)
    const affected = late.reduce((sum, { run }) => sum + run.owned, 0)
    const names = [...new Set(late.map(({ run }) => run.node))].join(', ')
    const sentence = `Nodes died ${late.length} times within five minutes (${names}); ${counted(affected)} were adopted.`
    return [sight('adoption-storm', CLUSTER, late.length >= STORM_DEATHS, sentence, affected)]
  }
}

/** Whether the store answers this node; others say the same of themselves. */
export function storeAbsence(node: Watching, metrics: Metrics): Observer {
  return () => {
    const away = node.storeAvailability() === 'unavailable' || !node.leaseHeld()
    metrics.gauge('store_available', away ? 0 : 1)
    const affected = node.members().reduce((sum, { owned, tombstoned }) => sum + (tombstoned ? 0 : owned), 0)
    const sentence = `The database did not answer ${node.self().node}; what was said meanwhile waited.`
    return [sight('store-unavailable', CLUSTER, away, sentence, affected)]
  }
}

/** Compares what each node runs with what is stored. A node that does not answer says nothing of itself. */
export function configurationDrift(
  node: Watching,
  keeper: Pick<ConfigKeeper, 'refresh' | 'configuration' | 'digest'>,
  store: Pick<ConfigStore, 'configRevision'>,
): Observer {
  return async (open) => {
    await keeper.refresh()
    const { revision } = keeper.configuration()
    const { digest } = keeper
    if ((await store.configRevision()) !== revision) return []
    const living = node.members().filter((member) => stateOf(member) === 'live')
    const sights = living.map(async ({ node: name }) => {
      const answer = await node.inspect(name, 'configuration', {}, INSPECT_PATIENCE_MS).catch(() => undefined)
      if (!isNodeConfiguration(answer)) return []
      const sentence = `${name} runs configuration ${answer.revision}, digest ${answer.digest}, and not ${revision}, ${digest}.`
      return sight('configuration-drift', name, answer.digest !== digest, sentence)
    })
    // Of a node that is not there any more it is over.
    const gone = open.filter(({ subject }) => !node.members().some((member) => member.node === subject))
    const over = gone.filter(({ code }) => code === 'configuration-drift').map(({ subject }) => subject)
    return [...(await Promise.all(sights)).flat(), ...over.flatMap((name) => sight('configuration-drift', name, false))]
  }
}

export function conversationsSetApart(heads: Pick<LogStore, 'damaged'>): Observer {
  return async () => {
    const { length } = await heads.damaged(DAMAGED_COUNTED_MAX)
    const sentence = `${length >= DAMAGED_COUNTED_MAX ? 'At least ' : ''}${counted(length)} cannot be restored.`
    return [sight('conversations-set-apart', CLUSTER, length > 0, sentence, length)]
  }
}

export function outboxTrouble(outbox: Pick<OutboxStore, 'backlog'>): Observer {
  return async () => {
    const { waiting, dead, oldestMs } = await outbox.backlog()
    const minutes = Math.floor(oldestMs / 60_000)
    return [
      sight(
        'outbox-backlog',
        CLUSTER,
        oldestMs > BACKLOG_MS_MAX,
        `${waiting} wait, the oldest for ${minutes} minutes.`,
      ),
      sight('dead-letters', CLUSTER, dead > 0, `${dead} were given up; \`holdfast outbox list\` says why.`),
    ]
  }
}

export function fullDisk(node: Watching, look: () => Promise<Disk>): Observer {
  return async () => {
    const { freeBytes, totalBytes } = await look()
    const share = freeBytes / Math.max(totalBytes, 1)
    const name = node.self().node
    const sentence = `${name} has ${(freeBytes / DISK_FREE_BYTES_MIN).toFixed(1)} GiB left (${(share * 100).toFixed(1)} %).`
    return [sight('disk-nearly-full', name, freeBytes < DISK_FREE_BYTES_MIN || share < DISK_FREE_SHARE_MIN, sentence)]
  }
}

/** Whether this node has a master key that is of use. */
export function sealedSecrets(node: Watching, vault: Pick<SecretVault, 'masterKeyState'>): Observer {
  return async () => {
    const name = node.self().node
    const sealed = (await vault.masterKeyState()) === 'none'
    return [sight('secrets-sealed', name, sealed, `No master key of ${name} opens the secrets.`)]
  }
}

export function unsafeDatabase(check: () => Promise<readonly Finding[]>): Observer {
  return async () => {
    const faults = (await check()).filter(({ ok }) => !ok)
    const told = faults.map(({ name, found, remedy }) => `${name} is ${found || 'empty'}. ${remedy}`).join(' ')
    return [sight('database-unsafe', CLUSTER, faults.length > 0, told)]
  }
}

function sight(code: AlarmCode, subject: string, present: boolean, sentence = '', affected = 0): Sight {
  return { code, subject, present, sentence: present ? sentence : '', affected: present ? affected : 0 }
}

function counted(conversations: number): string {
  return conversations === 1 ? '1 conversation' : `${conversations} conversations`
}
