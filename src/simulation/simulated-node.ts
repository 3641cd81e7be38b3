import type { ConversationId, Incarnation, Owner } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { type Metrics, memoryMetrics } from '../base/metrics.ts'
import type { Network } from '../cluster/network.ts'
import { SNAPSHOT_FORMAT } from '../conversation/snapshot.ts'
import { createNode, type HoldfastNode, type NodePorts } from '../server/holdfast-node.ts'
import { NODE_DEFAULTS } from '../server/node-settings.ts'
import type { Claimed, LogStore, Slice } from '../store/log-store.ts'
import { asNextVersion } from './next-version.ts'
import type { MachineTime } from './simulated-clock.ts'
import { type RemoteCall, remoteLogStore, remoteMemberStore } from './simulated-database.ts'
import { simulatedNetwork } from './simulated-network.ts'
import type { InputKind, SimulatedProcess } from './simulated-process.ts'
import type { Death, SimulatedWorld } from './simulated-world.ts'

export interface NodePlan extends MachineTime {
  readonly name: string
  readonly roles: readonly ('chat' | 'edge' | 'backup')[]
  readonly restAfterMs: number
  readonly snapshotEvery: number
}

/** Changes the ports of a node before it is made; planted bugs that live in a node come in here. */
export type PortWrapper = (ports: NodePorts, around: { process: SimulatedProcess; world: SimulatedWorld }) => NodePorts

/** What comes up beside the node in its process: an edge's door for clients. */
export type Companion = (node: HoldfastNode, ports: NodePorts, process: SimulatedProcess) => void

/** One machine that runs a whole production node, dies, and runs it again as another incarnation. */
export class SimulatedNode {
  readonly plan: NodePlan
  readonly #world: SimulatedWorld
  readonly #wrapPorts: PortWrapper
  readonly #companion: Companion
  #process: SimulatedProcess
  #node: HoldfastNode | undefined
  #metrics: Metrics = memoryMetrics()
  #run = 0
  /** What this run of the program has been so far. */
  readonly #incarnations = new Set<Incarnation>()
  #onExit: () => void = () => {}
  /** Of the program on this machine: 0, or 1 for the next one. */
  #version: 0 | 1 = 0
  #appending = 0

  constructor(
    world: SimulatedWorld,
    plan: NodePlan,
    more: { wrapPorts?: PortWrapper; companion?: Companion; onExit?: () => void } = {},
  ) {
    this.#world = world
    this.plan = plan
    this.#wrapPorts = more.wrapPorts ?? ((ports) => ports)
    this.#companion = more.companion ?? (() => {})
    this.#onExit = more.onExit ?? (() => {})
    this.#process = world.process(plan.name, plan)
  }

  get name(): string {
    return this.plan.name
  }

  get process(): SimulatedProcess {
    return this.#process
  }

  get node(): HoldfastNode | undefined {
    return this.#process.alive ? this.#node : undefined
  }

  /** Whether it may own conversations. */
  get isOwner(): boolean {
    return this.plan.roles.some((role) => role !== 'edge')
  }

  get owned(): readonly ConversationId[] {
    return this.node?.owned().map(({ conversation }) => conversation) ?? []
  }

  /** Begins a new run of the program on this machine. */
  start(): void {
    const world = this.#world
    if (this.#node && this.#process.alive) return
    this.#run++
    this.#appending = 0
    this.#incarnations.clear()
    this.#process = world.process(this.name, this.plan)
    this.#metrics = memoryMetrics()
    const process = this.#process
    const ports = this.#wrapPorts(this.#ports(process), { process, world })
    const node = createNode({ ...ports, settings: this.#settings() })
    this.#node = node
    world.tell(this.name, `begins run ${this.#run}`)
    this.#companion(node, ports, process)
    process.deliver(0, 'input', 'start', () => {
      node.start().catch((error: unknown) => this.#exit(process, String(error)))
    })
  }

  /** The next run is of the other version: the upgrade, or the way back. */
  changeVersion(): void {
    this.#version = this.#version === 0 ? 1 : 0
  }

  crash(death: Death): void {
    if (!this.#process.alive) return
    this.#count()
    if (this.#appending > 0) this.#world.sometimes.saw('commit in flight at a crash')
    if (this.owned.length > 0) this.#world.sometimes.saw('node crashed')
    if (death === 'power') this.#world.sometimes.saw('machine lost')
    this.#world.tell(this.name, `dies (${death})`)
    this.#world.kill(this.#process, this.name, death)
  }

  pause(): void {
    this.#world.tell(this.name, 'stands still')
    this.#process.pause()
  }

  wake(first: InputKind): void {
    if (this.#process.state !== 'paused') return
    this.#world.tell(this.name, `wakes, ${first}s first`)
    this.#process.wake(first)
  }

  /** Adds what this run counted to the states that were reached. */
  finish(): void {
    if (this.#process.alive) this.#count()
  }

  #count(): void {
    const { sometimes } = this.#world
    const counted = this.#metrics.read()
    sometimes.saw('handover', counted.handovers)
    sometimes.saw('adoption', counted.adoptions)
    sometimes.saw('indefinite append resolved', counted.indefinite_appends)
    sometimes.saw('retry answered with its first seq', counted.duplicates)
  }

  /** The program ends itself: another process has its name. */
  #exit(process: SimulatedProcess, reason: string): void {
    if (!process.alive || process !== this.#process) return
    this.#world.tell(this.name, `exits: ${reason}`)
    this.crash('exit')
    this.#onExit()
  }

  #settings() {
    const { name, roles, restAfterMs, snapshotEvery } = this.plan
    return {
      ...NODE_DEFAULTS,
      node: name,
      roles,
      relayAddress: () => `${name}:relay`,
      httpUrl: () => `http://${name}`,
      version: `simulated-${this.#version}`,
      owner: { ...NODE_DEFAULTS.owner, snapshotEvery },
      owners: { ...NODE_DEFAULTS.owners, restAfterMs },
    }
  }

  #ports(process: SimulatedProcess): NodePorts {
    const world = this.#world
    const self = () => {
      const owner = this.#node?.self() ?? { node: this.name, incarnation: '' }
      this.#incarnations.add(owner.incarnation)
      return owner
    }
    const call: RemoteCall = (statement, run) => world.database.call(process, this.name, statement, run)
    return {
      clock: process.clock,
      random: world.random.fork(`${this.name}.${this.#run}`),
      log: this.#log(process),
      metrics: this.#metrics,
      logStore: this.#version === 1 ? asNextVersion(this.#logStore(self, call)) : this.#logStore(self, call),
      memberStore: remoteMemberStore(world.memberStore, call),
      network: this.#network(process, self),
      fatal: (reason) => this.#exit(process, reason),
    }
  }

  #network(process: SimulatedProcess, self: () => Owner): Network {
    const world = this.#world
    return simulatedNetwork(world.links, {
      process,
      host: this.name,
      address: `${this.name}:relay`,
      self,
      see: (observation) => world.see(observation),
    })
  }

  /** The store as this node reaches it; what it is told is shown to the checkers at the instant when it is true. */
  #logStore(self: () => Owner, call: RemoteCall): LogStore {
    const world = this.#world
    const { logStore } = world
    const remote = remoteLogStore(this.#watched(), call)
    const run = this.#run
    return {
      ...remote,
      append: (slices) => {
        const by = self()
        this.#appending++
        return call(
          `append ${slices.map(({ conversation, epoch }) => `${conversation.slice(-4)}@${epoch}`)}`,
          async () => {
            world.database.needRoom()
            const outcomes = await logStore.append(slices)
            world.sometimes.saw('zombie fenced', outcomes.filter(({ kind }) => kind === 'fenced').length)
            slices.forEach((slice, i) => {
              const outcome = outcomes[i]
              if (outcome) world.see({ kind: 'append-answered', by: this.#writer(slice, by), slice, outcome })
            })
            return outcomes
          },
        ).finally(() => {
          if (run === this.#run) this.#appending--
        })
      },
    }
  }

  /**
   * Who wrote a slice: this process, as what it was when it became the owner. A slice that waited for the store while
   * the process lost its incarnation is still of the old one, and is fenced as soon as somebody adopts.
   */
  #writer({ conversation, epoch }: Slice, present: Owner): Owner {
    const owner = this.#world.ledger.owner(conversation, epoch)
    return owner && this.#incarnations.has(owner.incarnation) ? owner : present
  }

  #watched(): LogStore {
    const world = this.#world
    const { logStore } = world
    const readable = SNAPSHOT_FORMAT + this.#version
    const see = (by: Owner, claimed: Claimed) => {
      if (claimed.snapshot && claimed.snapshot.format !== readable) world.sometimes.saw('snapshot of another version')
      world.see({ kind: 'claim-answered', by, claimed })
    }
    return {
      ...logStore,
      async claim(requests, by) {
        const outcomes = await logStore.claim(requests, by)
        for (const outcome of outcomes) if (outcome.kind === 'claimed') see(by, outcome)
        return outcomes
      },
      async adopt(from, by, limit) {
        const outcomes = await logStore.adopt(from, by, limit)
        for (const outcome of outcomes) if (outcome.kind === 'claimed') see(by, outcome)
        return outcomes
      },
      async saveSnapshot(conversation, epoch, snapshot) {
        world.database.needRoom()
        return logStore.saveSnapshot(conversation, epoch, snapshot)
      },
      async due(limit) {
        const due = await logStore.due(limit)
        world.sometimes.saw('woken by its timer', due.length)
        return due
      },
      async release(requests) {
        const released = await logStore.release(requests)
        world.sometimes.saw('conversation rested', released.length)
        return released
      },
    }
  }

  #log(process: SimulatedProcess): Log {
    const world = this.#world
    const tell = (what: string) => {
      if (process.alive) world.tell(this.name, what)
    }
    return {
      debug() {},
      info: (sentence) => tell(sentence),
      warn: (sentence) => tell(`warns: ${sentence}`),
      error: (sentence, fields) => {
        tell(`error: ${sentence}`)
        // A bug that costs one command or one conversation is a bug, though the node survives it.
        if (fields?.error instanceof Error) world.referee.report('assertion', String(fields.error.stack))
      },
      decision: (what, reason) => {
        if (what === 'incarnation-lost') world.sometimes.saw('incarnation lost')
        tell(`[${what}] ${reason}`)
      },
    }
  }
}
