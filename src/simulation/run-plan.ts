import type { ConversationId } from '../base/ids.ts'
import type { SeededDice } from '../chaos/seeded-dice.ts'
import type { IdleLimits } from '../conversation/event.ts'
import type { NodePlan } from './simulated-node.ts'

export interface ClientPlan {
  readonly name: string
  /** A second tab of this person: the same outbox, copied when the tab opens, as browsers copy session storage. */
  readonly tabOf?: string
  readonly isStaff: boolean
  /** Conversations that it takes part in; a visitor has one. */
  readonly conversations: readonly ConversationId[]
  readonly beginsAtMs: number
  /** Mean time between two messages. */
  readonly pauseMs: number
  /** Mean time between two reloads of its page; absent: it never reloads. */
  readonly reloadMs?: number
  /** Its browser throws keys that others threw, too. */
  readonly weakDice?: boolean
  /** How long a token lives; it must be fetched anew when it is over. */
  readonly tokenMs: number
  /** Idle control of a visitor's conversation, where it was opened by REST before the visitor came. */
  readonly idle?: IdleLimits
  /** When its page is closed for good; absent: never. */
  readonly leavesAtMs?: number
}

/** The kinds of trouble, and how likely each is in this run. A run has its own mixture. */
export const FAULTS = [
  'crash',
  'power',
  'pause',
  'partition',
  'one-way',
  'isolate-database',
  'half-open',
  'link-cut',
  'database-restart',
  'database-stall',
  'slow-store',
  'disk-full',
  'lossy-store',
  'slow-wires',
  'drain',
  'upgrade',
  'move',
  'client-cut',
] as const

export type FaultKind = (typeof FAULTS)[number]

/** Trouble around a commit is where most mistakes show. */
const AT_THE_STORE: ReadonlySet<FaultKind> = new Set(['isolate-database', 'database-stall', 'lossy-store', 'pause'])

export interface RunPlan {
  readonly seed: number
  readonly nodes: readonly NodePlan[]
  readonly clients: readonly ClientPlan[]
  /** A process that exits is declared dead by its supervisor. */
  readonly supervised: boolean
  readonly faultPauseMs: number
  readonly faultWeights: Readonly<Record<FaultKind, number>>
  readonly safetyMs: number
}

/** How long the healed core has, at most, to be all well again. */
export const LIVENESS_MS = 40_000
/** Clock rates differ by less than the lease's margin allows for (50 of 600 ms). */
const RATE_SPREAD = 0.03
/** What all people together say in a second, whatever their number: a run costs much the same. */
const MESSAGES_PER_SECOND = { least: 0.5, most: 12 }
const LEAST_PAUSE_MS = 60
const VISITORS_MAX = 44
const AGENTS_MAX = 6

/** Everything about a run that is decided before it begins. */
export function planRun(seed: number, minutes: number, random: SeededDice): RunPlan {
  const edges = random.whole(1, 3)
  const chats = random.chance(0.8) ? random.whole(2, 3) : random.whole(4, 7)
  const nodePlan = (name: string, roles: NodePlan['roles']): NodePlan => ({
    name,
    roles,
    rate: 1 + RATE_SPREAD * (2 * random.fraction() - 1),
    aheadMs: random.whole(0, 1_000_000),
    wallOffMs: random.whole(-2000, 2000),
    restAfterMs: Math.round(random.spread(2000, 30_000)),
    snapshotEvery: random.whole(3, 60),
  })
  const names = (count: number, kind: string) => Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`)
  const nodes = [
    ...names(edges, 'edge').map((name) => nodePlan(name, ['edge'])),
    ...names(chats, 'chat').map((name) => nodePlan(name, random.chance(0.15) ? ['chat', 'edge'] : ['chat'])),
    ...names(random.chance(0.15) ? 1 : 0, 'backup').map((name) => nodePlan(name, ['backup'])),
  ]
  const visitors = Math.round(random.spread(1, VISITORS_MAX))
  const agents = random.whole(0, AGENTS_MAX)
  const rate = random.spread(MESSAGES_PER_SECOND.least, MESSAGES_PER_SECOND.most)
  // Some talk much and some little; together they keep to the rate.
  const pauseMs = () => Math.max(LEAST_PAUSE_MS, ((1000 * (visitors + agents)) / rate) * random.spread(0.3, 3))
  const conversations = Array.from({ length: visitors }, () => random.id())
  const weak = random.chance(0.2) ? { weakDice: true } : {}
  const reload = () => (random.chance(0.3) ? { reloadMs: random.spread(5000, 60_000) } : {})
  const leaving = () => (random.chance(0.3) ? { leavesAtMs: random.whole(15_000, 60_000) } : {})
  const idle = () => {
    if (random.chance(0.5)) return {}
    const stepMs = () => (random.chance(0.3) ? 0 : Math.round(random.spread(1500, 20_000)))
    const closeMs = random.chance(0.5) ? 0 : Math.round(random.spread(20_000, 240_000))
    return { idle: { alertMs: stepMs(), secondAlertMs: stepMs(), closeMs } }
  }
  const clients: ClientPlan[] = conversations.map((conversation, i) => ({
    name: `visitor-${i + 1}`,
    isStaff: false,
    conversations: [conversation],
    beginsAtMs: random.whole(1000, 8000),
    pauseMs: pauseMs(),
    tokenMs: random.spread(10_000, 600_000),
    ...weak,
    ...reload(),
    ...leaving(),
    ...idle(),
  }))
  for (const { name, conversations: own, beginsAtMs, pauseMs: meanMs, tokenMs } of [...clients])
    if (random.chance(0.2)) {
      const tab = {
        name: `${name}-tab`,
        tabOf: name,
        isStaff: false,
        conversations: own,
        pauseMs: meanMs,
        tokenMs,
        ...weak,
      }
      clients.push({ ...tab, beginsAtMs: beginsAtMs + random.whole(2000, 30_000), ...leaving() })
    }
  for (const name of names(agents, 'agent')) {
    const share = random.spread(0.05, 0.6)
    const taken = conversations.filter(() => random.chance(share))
    clients.push({
      name,
      isStaff: true,
      conversations: taken.length > 0 ? taken : conversations.slice(0, 1),
      beginsAtMs: random.whole(2000, 12_000),
      pauseMs: pauseMs(),
      tokenMs: random.spread(10_000, 600_000),
      ...weak,
      ...reload(),
    })
  }
  return {
    seed,
    nodes,
    clients,
    supervised: random.chance(0.5),
    faultPauseMs: random.spread(800, 12_000),
    faultWeights: Object.fromEntries(
      FAULTS.map((kind) => [kind, random.chance(0.3) ? 0 : random.fraction() * (AT_THE_STORE.has(kind) ? 2.5 : 1)]),
    ) as Record<FaultKind, number>,
    safetyMs: Math.max(10_000, minutes * 60_000 - LIVENESS_MS / 2),
  }
}
