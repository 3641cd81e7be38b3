import type { ConversationId } from '../base/ids.ts'
import { SeededDice } from '../chaos/seeded-dice.ts'
import { fromRecord } from '../conversation/event-json.ts'
import { fold } from '../conversation/evolve.ts'
import { type ConversationState, emptyState } from '../conversation/state.ts'
import { nextTimer } from '../conversation/timers.ts'
import type { OutboxDriver } from '../ops/outbox-driver.ts'
import { FaultDriver } from './fault-driver.ts'
import type { Violation } from './observation.ts'
import type { PlantedBug } from './planted-bugs/planted-bug.ts'
import { type ClientPlan, LIVENESS_MS, planRun, type RunPlan } from './run-plan.ts'
import { realMs } from './settle-node.ts'
import { SimulatedClient } from './simulated-client.ts'
import { openClientDoor } from './simulated-door.ts'
import { SimulatedNode } from './simulated-node.ts'
import { callsOf, startSimulatedOutbox } from './simulated-outbox.ts'
import { SimulatedWorld } from './simulated-world.ts'
import type { SometimesName } from './sometimes.ts'

export interface SeedOptions {
  readonly seed: number
  /** Simulated minutes under faults. */
  readonly minutes: number
  readonly bug?: PlantedBug
  readonly traceSink?: (line: string) => void
  /** Ends the run where it is; its report is of no use then. */
  readonly stopped?: () => boolean
}

/** What one run tells; plain data, so that it can come from another thread. */
export interface SeedReport {
  readonly seed: number
  readonly simulatedMs: number
  readonly realMs: number
  /** Of the whole trace: equal for every run of the same seed by the same program. */
  readonly hash: string
  readonly nodes: number
  readonly clients: number
  readonly events: number
  readonly acknowledged: number
  readonly indefinite: number
  readonly counts: Readonly<Record<SometimesName, number>>
  readonly violation?: Violation
  /** The last lines of the trace, where a rule was broken. */
  readonly tail: readonly string[]
}

const FIRST_FAULT_MS = 4000
const SETTLE_MS = 3000
// Longer than a lease of an item, a look and a retry together: within it something is done, or nothing ever will.
const CATCH_UP_MS = 10_000
const TAIL_LINES = 40

/**
 * Runs one seed: safety under faults, then liveness of a healed core. What is drawn, what happens and what is checked
 * depends on the seed and the program alone.
 */
export async function runSeed(options: SeedOptions): Promise<SeedReport> {
  const beganMs = realMs()
  const { seed, bug } = options
  const world = new SimulatedWorld({
    seed,
    ...(options.traceSink && { traceSink: options.traceSink }),
    ...(options.stopped && { stopped: options.stopped }),
    ...(bug?.wrapStore && { wrapStore: bug.wrapStore }),
    ...(bug?.wrapOutbox && { wrapOutbox: bug.wrapOutbox }),
  })
  const plan = planRun(seed, options.minutes, new SeededDice(seed, 'plan'))
  const run = new SeedRun(world, plan, bug)
  await run.safety()
  await run.liveness()
  run.finish()
  const { violation } = world.referee
  return {
    seed,
    simulatedMs: world.timeline.now(),
    realMs: realMs() - beganMs,
    hash: world.trace.hash(),
    nodes: plan.nodes.length,
    clients: plan.clients.length,
    events: world.ledger.conversations().reduce((sum, conversation) => sum + world.ledger.headSeq(conversation), 0),
    acknowledged: run.acknowledged,
    indefinite: world.database.indefinite,
    counts: world.sometimes.counts(),
    ...(violation && { violation }),
    tail: violation ? world.trace.last(TAIL_LINES) : [],
  }
}

/** The machines, people and troubles of one run. */
export class SeedRun {
  readonly #world: SimulatedWorld
  readonly #plan: RunPlan
  readonly #nodes: readonly SimulatedNode[]
  readonly #clients: readonly SimulatedClient[]
  readonly #faults: FaultDriver
  /** Conversations as their logs tell them, as far as they were looked at. */
  readonly #states = new Map<ConversationId, ConversationState>()

  constructor(world: SimulatedWorld, plan: RunPlan, bug?: PlantedBug) {
    this.#world = world
    this.#plan = plan
    const edges = plan.nodes.filter(({ roles }) => roles.includes('edge')).map(({ name }) => name)
    const onGuest = () => {
      if (this.#nodes.some(({ node }) => node?.mode() === 'draining'))
        world.sometimes.saw('socket opened during a drain')
    }
    this.#nodes = plan.nodes.map((nodePlan): SimulatedNode => {
      let outbox: OutboxDriver | undefined
      const posts = { of: callsOf, posted: () => outbox?.poke() }
      return new SimulatedNode(world, nodePlan, {
        wrapPorts: (ports, around) => {
          const own = { ...ports, posts }
          return bug?.wrapPorts?.(own, around) ?? own
        },
        companion: (node, ports, process) => {
          outbox = startSimulatedOutbox(world, { name: nodePlan.name, node, ports, process })
          if (!nodePlan.roles.includes('edge')) return
          const conversations = bug?.wrapConversations?.(node.conversations) ?? node.conversations
          openClientDoor(world, {
            name: nodePlan.name,
            process,
            ports,
            conversations,
            edges,
            onGuest,
          })
        },
        onExit: () => this.#startAgain(nodePlan.name),
      })
    })
    const clients: SimulatedClient[] = []
    for (const clientPlan of plan.clients) {
      const original = clients.find(({ name }) => name === clientPlan.tabOf)
      const more = { ...(original && { original }), ...(bug?.wrapPage && { wrapPage: bug.wrapPage }) }
      clients.push(new SimulatedClient(world, clientPlan, edges, more))
    }
    this.#clients = clients
    this.#faults = new FaultDriver(world, plan, this.#nodes)
  }

  get acknowledged(): number {
    return this.#clients.reduce((sum, client) => sum + client.acknowledged, 0)
  }

  /** Phase one: whatever happens, no rule is broken. */
  async safety(): Promise<void> {
    for (const node of this.#nodes) node.start()
    for (const client of this.#clients) {
      this.#openByRest(client.plan)
      client.start()
    }
    this.#faults.start(FIRST_FAULT_MS)
    await this.#world.run(this.#plan.safetyMs)
  }

  /**
   * Phase two: some nodes are healed, the rest stays dead, and all must be well again within a bound: everything sent
   * is answered, everybody has read everything, everything awake is owned, no timer is overdue.
   */
  async liveness(): Promise<void> {
    const { timeline, referee } = this.#world
    if (referee.violation) return
    this.#faults.healAll()
    for (const client of this.#clients) client.quieten()
    this.#world.outside.failing = false
    const core = this.#drawCore()
    for (const node of this.#nodes) {
      if (core.includes(node)) node.start()
      else node.crash(this.#world.random.chance(0.5) ? 'exit' : 'power')
    }
    this.#world.tell('world', `is healed; ${core.map(({ name }) => name).join(', ')} must do`)
    const healedAtMs = timeline.now()
    await this.#world.run(healedAtMs + SETTLE_MS)
    for (const client of this.#clients) client.sayLast()
    const well = await this.#wellAgain(core, healedAtMs)
    for (const conversation of this.#world.ledger.conversations()) this.#settled(conversation, healedAtMs)
    // Where no rule says what is wrong, this does.
    const tookMs = Math.round(timeline.now() - healedAtMs)
    if (!well)
      this.#world.referee.report('convergence', `${tookMs} ms after the core was healed: ${this.#trouble(core)}.`)
  }

  /**
   * Whether all is well within the bound. The one excuse is a backlog of the outbox, which is carried out lane by lane,
   * item by item, and may be as long as the faults allowed: it may take longer for as long as it gets shorter.
   */
  async #wellAgain(core: readonly SimulatedNode[], healedAtMs: number): Promise<boolean> {
    const { timeline, outside } = this.#world
    const isWell = () => this.#trouble(core) === undefined
    let well = await this.#world.run(healedAtMs + LIVENESS_MS, isWell)
    for (let left = Number.POSITIVE_INFINITY; !well && this.#clientTrouble() === undefined; ) {
      if (outside.undone === 0 || outside.undone >= left) break
      left = outside.undone
      well = await this.#world.run(timeline.now() + CATCH_UP_MS, isWell)
    }
    return well
  }

  finish(): void {
    for (const node of this.#nodes) node.finish()
    this.#world.referee.end()
    const { sometimes, database } = this.#world
    sometimes.saw('reply lost', database.indefinite)
    sometimes.saw('disk full', database.refusedForRoom)
  }

  /** One edge and one chat node at least; usually more. */
  #drawCore(): readonly SimulatedNode[] {
    const random = this.#world.random.fork('core')
    const drawn = new Set(this.#nodes.filter(() => random.chance(0.6)))
    for (const role of ['edge', 'chat'] as const) {
      const able = this.#nodes.filter(({ plan }) => plan.roles.includes(role))
      const [one] = able.some((node) => drawn.has(node)) ? [] : [random.pick(able)]
      if (one) drawn.add(one)
    }
    return [...drawn]
  }

  /** The first thing that is not well yet, as a sentence without a full stop. */
  #trouble(core: readonly SimulatedNode[]): string | undefined {
    const waits = this.#clientTrouble()
    if (waits !== undefined) return waits
    const { undone } = this.#world.outside
    if (undone > 0) return `${undone} items of the outbox were never carried out`
    for (const conversation of this.#world.ledger.conversations()) {
      if (this.#overdueMs(conversation) > 0) return `${conversation} has a timer that is overdue`
      const owner = this.#world.ledger.presentOwner(conversation)
      if (!owner) continue
      const holder = core.find(({ node }) => node?.self().incarnation === owner.incarnation)
      if (!holder) return `${conversation} belongs to ${owner.node}, which is dead`
      if (!holder.owned.includes(conversation))
        return `${conversation} belongs to ${owner.node}, which does not hold it`
    }
    return undefined
  }

  #clientTrouble(): string | undefined {
    return this.#clients.map(({ trouble }) => trouble).find((trouble) => trouble !== undefined)
  }

  #settled(conversation: ConversationId, healedAtMs: number): void {
    const sinceHealedMs = this.#world.timeline.now() - healedAtMs
    this.#world.see({
      kind: 'settled',
      conversation,
      resting: this.#world.ledger.presentOwner(conversation) === undefined,
      ownedBy: this.#nodes.filter(({ owned }) => owned.includes(conversation)).map(({ name }) => name),
      overdueTimerMs: Math.min(this.#overdueMs(conversation), sinceHealedMs),
    })
  }

  /** For how long its next timer has been due. */
  #overdueMs(conversation: ConversationId): number {
    const before = this.#states.get(conversation) ?? emptyState
    const records = this.#world.ledger.records(conversation).slice(before.headSeq)
    const state = fold(records.map(fromRecord), before)
    this.#states.set(conversation, state)
    const dueAt = nextTimer(state)?.dueAt ?? Number.POSITIVE_INFINITY
    return Math.max(0, this.#world.storeNow() - dueAt)
  }

  /** A server of the operator opens a conversation before its visitor comes, as REST does; if it fails, the visitor opens. */
  #openByRest({ name, idle, beginsAtMs, conversations }: ClientPlan): void {
    const [conversation] = conversations
    if (!idle || conversation === undefined) return
    this.#world.timeline.at(beginsAtMs / 2, () => {
      const { node, process } = this.#world.random.fork(name).pick(this.#nodes) ?? {}
      const command = { type: 'open', mode: 'live', idle } as const
      const sender = { id: name, role: 'visitor', name } as const
      process?.deliver(0, 'input', 'opens by REST', () => {
        void node?.conversations.submit(conversation, { sender, key: 'open', command })
      })
    })
  }

  /** A process that ended itself is started again by whatever watches over it. */
  #startAgain(name: string): void {
    const { timeline } = this.#world
    timeline.at(timeline.now() + 1000, () => this.#nodes.find((node) => node.name === name)?.start())
  }
}
