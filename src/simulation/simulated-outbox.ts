import { pause } from '../base/clock.ts'
import type { EffectOutcome } from '../ops/effect-decision.ts'
import { OutboxDriver, type OutboxPorts, type OutboxSettings } from '../ops/outbox-driver.ts'
import type { HoldfastNode, NodePorts } from '../server/holdfast-node.ts'
import type { Step } from '../server/posts.ts'
import type { OutboxItem } from '../store/log-store.ts'
import type { RemoteCall } from './simulated-database.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { SimulatedWorld } from './simulated-world.ts'

/** Short enough for a run of a minute: what a dead node had taken is done within seconds. */
const SETTINGS: OutboxSettings = {
  underWayMax: 4,
  pollMs: 2000,
  leaseMs: 4000,
  effectMsMax: 2000,
  rememberMs: 86_400_000,
  retry: { firstMs: 300, delayMsMax: 3000, attemptsMax: 1000 },
}
const KIND = 'call'
// Of every few messages: what is done outside, one after the other in a conversation, must not become most of a run, nor
// take longer to catch up with than a healed core is given.
const EVERY_SEQ = 3
const TRIP_MS = 40
const FAILING_SHARE = 0.2

/** What a step posts in a simulation: a call for some of the messages, in the order of their conversation. */
export function callsOf({ conversation, events }: Step): readonly OutboxItem[] {
  return events
    .filter(({ type, seq }) => type === 'message' && seq % EVERY_SEQ === 0)
    .map(({ seq }) => ({ id: `${conversation}:${seq}`, lane: conversation, kind: KIND, body: `message ${seq}` }))
}

/** The production driver of one run of a node, on simulated ports. */
export function startSimulatedOutbox(
  world: SimulatedWorld,
  { name, node, ports, process }: { name: string; node: HoldfastNode; ports: NodePorts; process: SimulatedProcess },
): OutboxDriver {
  const call: RemoteCall = (statement, run) => world.database.call(process, name, statement, run)
  const { clock, log, metrics } = ports
  const random = world.random.fork(`${name} outside`)
  const trip = () => pause(clock, random.fraction() * TRIP_MS)
  const effect = async ({ id, lane, body }: { id: string; lane: string; body: string }): Promise<EffectOutcome> => {
    const failure = world.outside.failing && random.chance(FAILING_SHARE) ? random.fraction() : 1
    await trip()
    if (failure < 0.5) return { kind: 'later', reason: 'it did not arrive' }
    world.see({ kind: 'effect', id, lane, body })
    if (!world.outside.arrive(id)) world.sometimes.saw('effect repeated')
    await trip()
    return failure < 1 ? { kind: 'later', reason: 'its answer did not arrive' } : { kind: 'done' }
  }
  const store: OutboxPorts['store'] = {
    take: (query) => call('outbox take', () => world.outbox.take(query)),
    settle: (item) => call('outbox settle', () => world.outbox.settle(item)),
    postpone: (item, delayMs, reason) => call('outbox postpone', () => world.outbox.postpone(item, delayMs, reason)),
    bury: (item, reason) => call('outbox bury', () => world.outbox.bury(item, reason)),
    forget: async () => 0,
  }
  const self = () => node.self().incarnation
  const driver = new OutboxDriver({ clock, random, log, metrics, store, self, effects: { [KIND]: effect } }, SETTINGS)
  driver.start()
  return driver
}
