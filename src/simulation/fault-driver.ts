import type { SeededDice } from '../chaos/seeded-dice.ts'
import { LEASE } from '../store/log-store.ts'
import { FAULTS, type FaultKind, type RunPlan } from './run-plan.ts'
import { DATABASE_HOST, GOOD_MOOD } from './simulated-database.ts'
import type { SimulatedNode } from './simulated-node.ts'
import type { SimulatedPipe } from './simulated-pipe.ts'
import { GOOD_WIRES } from './simulated-wires.ts'
import type { SimulatedWorld } from './simulated-world.ts'

/**
 * Makes trouble, one fault after another, some of them overlapping. A fault undoes itself after a time drawn for it,
 * unless `healAll` comes first.
 */
export class FaultDriver {
  readonly #world: SimulatedWorld
  readonly #plan: RunPlan
  readonly #nodes: readonly SimulatedNode[]
  readonly #random: SeededDice
  readonly #underWay = new Set<() => void>()
  #stopped = false

  constructor(world: SimulatedWorld, plan: RunPlan, nodes: readonly SimulatedNode[]) {
    this.#world = world
    this.#plan = plan
    this.#nodes = nodes
    this.#random = world.random.fork('faults')
  }

  start(afterMs: number): void {
    this.#later(afterMs, () => this.#next())
  }

  /** Undoes whatever is under way; no new trouble begins. */
  healAll(): void {
    this.#stopped = true
    for (const undo of [...this.#underWay]) undo()
    this.#world.wires.speed = GOOD_WIRES
    this.#world.database.mood = GOOD_MOOD
    this.#world.database.diskFull = false
    this.#world.database.start()
  }

  /** Begins one fault now; for scenarios, too. */
  strike(kind: FaultKind): void {
    this.#acts[kind]()
  }

  /** The supervisor, or nobody, sees the exit; the machine comes back after `restartMs`. */
  crash(node: SimulatedNode, death: 'exit' | 'power', restartMs: number): void {
    const { owned } = node
    const incarnation = node.node?.self().incarnation
    node.crash(death)
    if (owned.length > 0) this.#world.tell('world', `${node.name} owned ${owned.length}`)
    if (death === 'exit' && this.#plan.supervised && incarnation !== undefined) this.#declareDead(node.name)
    this.#undoLater(restartMs, () => node.start())
  }

  #next(): void {
    if (this.#stopped) return
    const kind = this.#draw()
    if (kind) this.strike(kind)
    this.#later(this.#plan.faultPauseMs * (0.2 + 1.6 * this.#random.fraction()), () => this.#next())
  }

  #draw(): FaultKind | undefined {
    const { faultWeights } = this.#plan
    let lot = this.#random.fraction() * FAULTS.reduce((sum, kind) => sum + faultWeights[kind], 0)
    return FAULTS.find((kind) => {
      lot -= faultWeights[kind]
      return lot < 0
    })
  }

  readonly #acts: Readonly<Record<FaultKind, () => void>> = {
    crash: () => this.#withNode((node) => this.crash(node, 'exit', this.#random.spread(100, 15_000))),
    power: () => this.#withNode((node) => this.crash(node, 'power', this.#random.spread(1000, 20_000))),
    pause: () => this.#withNode((node) => this.#pause(node)),
    partition: () => this.#partition(true),
    'one-way': () => this.#partition(false),
    'isolate-database': () => this.#withNode((node) => this.#isolate(node)),
    'half-open': () => this.#withPipe((pipe) => this.#halfOpen(pipe)),
    'link-cut': () => this.#withPipe((pipe) => pipe.cut('the connection was reset')),
    'database-restart': () => this.#databaseRestart(),
    'database-stall': () => this.#databaseStall(),
    'slow-store': () => this.#slowStore(),
    'disk-full': () => this.#diskFull(),
    'lossy-store': () => this.#lossyStore(),
    'slow-wires': () => this.#slowWires(),
    drain: () => this.#withNode((node) => this.#drain(node, this.#random.chance(0.5) ? 'stops' : 'goes on'), true),
    upgrade: () => this.#withNode((node) => this.#drain(node, 'changes its version'), true),
    move: () => this.#withNode((node) => this.#move(node), true),
    'client-cut': () => {
      const pipe = this.#random.pick(this.#world.sockets.pipes())
      if (!pipe) return
      if (this.#random.chance(0.5)) pipe.cut('the connection was reset')
      else pipe.goSilent()
    },
  }

  #pause(node: SimulatedNode): void {
    const ms = LEASE.leaseMs * this.#random.spread(0.5, 10)
    const first = this.#random.chance(0.5) ? 'timer' : 'input'
    if (ms > LEASE.leaseMs) this.#world.sometimes.saw('node paused past its lease')
    node.pause()
    this.#undoLater(ms, () => node.wake(first))
  }

  #partition(both: boolean): void {
    const hosts = [...this.#nodes.map(({ name }) => name), DATABASE_HOST]
    const some = hosts.filter(() => this.#random.chance(0.4))
    const others = hosts.filter((host) => !some.includes(host))
    if (some.length === 0 || others.length === 0) return
    const ms = this.#random.spread(200, 12_000)
    this.#world.sometimes.saw(both ? 'partition' : 'one-way partition')
    this.#world.tell(
      'world',
      `${both ? 'cuts' : 'cuts one way'} ${some.join(',')} from ${others.join(',')} for ${Math.round(ms)} ms`,
    )
    const mends = [this.#world.wires.cut(some, others), ...(both ? [this.#world.wires.cut(others, some)] : [])]
    this.#undoLater(ms, () => {
      for (const mend of mends) mend()
    })
  }

  #isolate(node: SimulatedNode): void {
    const ms = this.#random.spread(200, 8000)
    this.#world.tell('world', `cuts ${node.name} from the database for ${Math.round(ms)} ms`)
    const { wires } = this.#world
    const toward = this.#random.chance(0.8) ? wires.cut([node.name], [DATABASE_HOST]) : () => {}
    const back = this.#random.chance(0.8) ? wires.cut([DATABASE_HOST], [node.name]) : () => {}
    this.#undoLater(ms, () => {
      toward()
      back()
    })
  }

  #halfOpen(pipe: SimulatedPipe): void {
    this.#world.sometimes.saw('half-open link')
    this.#world.tell('world', `the link ${pipe.near.host}-${pipe.far.host} goes silent`)
    pipe.goSilent()
  }

  #databaseRestart(): void {
    const { database } = this.#world
    this.#world.sometimes.saw('database restart')
    this.#world.tell('world', 'the database restarts')
    database.stop()
    this.#undoLater(this.#random.spread(50, 6000), () => database.start())
  }

  #databaseStall(): void {
    const { process } = this.#world.database
    const ms = this.#random.spread(100, 7000)
    this.#world.sometimes.saw('database stalled')
    this.#world.tell('world', `the database stands still for ${Math.round(ms)} ms`)
    process.pause()
    this.#undoLater(ms, () => process.wake('input'))
  }

  #slowStore(): void {
    this.#world.tell('world', 'the database is slow')
    this.#world.database.mood = {
      ...GOOD_MOOD,
      leastMs: this.#random.spread(5, 150),
      jitterMs: this.#random.spread(10, 400),
    }
    this.#undoLater(this.#random.spread(500, 15_000), () => {
      this.#world.database.mood = GOOD_MOOD
    })
  }

  #diskFull(): void {
    this.#world.tell('world', 'the disk of the database is full')
    this.#world.database.diskFull = true
    this.#undoLater(this.#random.spread(300, 10_000), () => {
      this.#world.database.diskFull = false
    })
  }

  #lossyStore(): void {
    const share = () => (this.#random.chance(0.4) ? 0 : this.#random.spread(0.01, 0.4))
    this.#world.tell('world', 'connections to the database break now and then')
    this.#world.database.mood = {
      ...GOOD_MOOD,
      replyLostShare: share(),
      requestLostShare: share(),
      lateShare: share(),
      lateMsMax: this.#random.spread(10, 3000),
      jitterMs: this.#random.spread(2, 150),
    }
    this.#undoLater(this.#random.spread(500, 15_000), () => {
      this.#world.database.mood = GOOD_MOOD
    })
  }

  #slowWires(): void {
    this.#world.tell('world', 'the wires are slow')
    this.#world.wires.speed = {
      leastMs: this.#random.spread(0.3, 50),
      jitterMs: this.#random.spread(1, 150),
      lossShare: this.#random.spread(0.001, 0.1),
      resendMs: this.#random.spread(20, 400),
    }
    this.#undoLater(this.#random.spread(500, 15_000), () => {
      this.#world.wires.speed = GOOD_WIRES
    })
  }

  #drain(simulated: SimulatedNode, then: 'goes on' | 'stops' | 'changes its version'): void {
    const { node, process } = simulated
    if (!node || process.state !== 'running') return
    const { sometimes } = this.#world
    sometimes.saw('drain')
    this.#world.tell('world', `drains ${simulated.name}, which then ${then}`)
    const restartMs = this.#random.spread(200, 5000)
    process.deliver(0, 'input', 'drain', () => {
      void node.drain({ deadlineMs: 8000, finish: false }).then(async () => {
        if (then === 'goes on') return node.setMode('enabled')
        await node.stop()
        if (!process.alive) return
        if (then === 'changes its version') {
          simulated.changeVersion()
          sometimes.saw('upgrade')
        }
        this.crash(simulated, 'exit', restartMs)
      })
    })
  }

  #move(simulated: SimulatedNode): void {
    const { node, process } = simulated
    const conversation = this.#random.pick(simulated.owned)
    const to = this.#random.pick(this.#nodes.filter((other) => other.isOwner && other !== simulated))
    if (!node || !conversation || !to) return
    this.#world.tell('world', `moves ${conversation.slice(-4)} from ${simulated.name} to ${to.name}`)
    process.deliver(0, 'input', 'move', () => void node.move(conversation, to.name))
  }

  #withNode(act: (node: SimulatedNode) => void, ownersOnly = false): void {
    const running = this.#nodes.filter(
      ({ process, isOwner }) => process.state === 'running' && (isOwner || !ownersOnly),
    )
    // Owners are where the trouble is worth most.
    const owners = running.filter(({ isOwner }) => isOwner)
    const node = this.#random.pick(this.#random.chance(0.7) && owners.length > 0 ? owners : running)
    if (node) act(node)
  }

  #withPipe(act: (pipe: SimulatedPipe) => void): void {
    const pipe = this.#random.pick(this.#world.links.pipes())
    if (pipe) act(pipe)
  }

  /** Whoever started the process writes its tombstone, if the database takes it just then. */
  #declareDead(name: string): void {
    const { database, memberStore } = this.#world
    this.#later(this.#random.spread(1, 50), () => {
      if (database.process.state !== 'running') return
      this.#world.tell('world', `the supervisor declares ${name} dead`)
      void memberStore.tombstoneName(name, 'its process exited')
    })
  }

  #later(afterMs: number, act: () => void): void {
    this.#world.timeline.at(this.#world.timeline.now() + afterMs, () => {
      if (!this.#stopped) act()
    })
  }

  #undoLater(afterMs: number, undo: () => void): void {
    const once = () => {
      if (this.#underWay.delete(once)) undo()
    }
    this.#underWay.add(once)
    this.#world.timeline.at(this.#world.timeline.now() + afterMs, once)
  }
}
