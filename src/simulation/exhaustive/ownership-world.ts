import { assert } from '../../base/assertion.ts'
import { idFromBits } from '../../base/ids.ts'
import type { Submission } from '../../protocol/conversation-port.ts'
import type { Violation } from '../observation.ts'
import { settle } from '../settle-node.ts'
import type { Explorable, Move } from './exhaustive-search.ts'
import type { FaultKind, OwnershipDefect } from './ownership-defects.ts'
import { OwnershipStage } from './ownership-stage.ts'
import { type EdgeEar, SteppedNode } from './stepped-node.ts'

/** How much of each may happen on one path: what is not in the bounds is not looked at. */
export interface OwnershipBounds {
  readonly nodes: number
  /** Messages of the visitor, one after the other, and how often it may ask a node for all of them. */
  readonly messages: number
  readonly asks: number
  /** How often a node may die, stand still, lose its way to the database, and how many connections may break. */
  readonly faults: Readonly<Record<FaultKind, number>>
  readonly handovers: number
  /** Steps of 300 ms: after the third one nobody has heard from, another one may claim. */
  readonly timeSteps: number
}

const CONVERSATION = idFromBits(4711n)
const VISITOR = { id: 'vera', role: 'visitor', name: 'Vera' } as const
const NO_TIMERS = { alertMs: 0, secondAlertMs: 0, closeMs: 0 }
const OPEN: Submission = { sender: VISITOR, key: 'open', command: { type: 'open', mode: 'live', idle: NO_TIMERS } }
const PAGE = { client: VISITOR.id, load: 1, participant: VISITOR.id, isStaff: false }
const TIME_STEP_MS = 300
// Everybody has renewed for longer than a claimer must.
const WARM_UP_MS = 800
// Small batches keep a distance (SE18): the append of the first message must not have to wait for that of the opening.
const OPENED_MS = 10
// A silent node is adopted after 3 s, a tombstone is looked at again after 2 s.
const LIVE_ON_MS = 6000

/** Two or three nodes, one store, one conversation that the first node owns, one visitor who may ask any node. */
export class OwnershipWorld implements Explorable {
  readonly #stage: OwnershipStage
  readonly #bounds: OwnershipBounds
  readonly #left: Record<FaultKind | 'handovers' | 'asks' | 'timeSteps', number>
  #timeOwedMs = 0
  readonly #nodes: SteppedNode[] = []
  readonly #runs: number[] = []
  readonly #attached = new Set<string>()
  /** Whom the present message waits for. */
  readonly #awaited = new Set<string>()
  #message = 1
  #touched = 1

  private constructor(bounds: OwnershipBounds, defect: OwnershipDefect | undefined) {
    this.#bounds = bounds
    const { faults, handovers, asks, timeSteps } = bounds
    this.#left = { ...faults, handovers, asks, timeSteps }
    this.#stage = new OwnershipStage(defect)
  }

  /** The world at its beginning: everybody well, the conversation open and owned by the first node. */
  static async begin(bounds: OwnershipBounds, defect?: OwnershipDefect): Promise<OwnershipWorld> {
    const world = new OwnershipWorld(bounds, defect)
    for (let index = 0; index < bounds.nodes; index++) world.#start(index)
    await world.#pass(WARM_UP_MS, true)
    world.#ask(0, OPEN)
    await world.#pass(0, true)
    await world.#pass(OPENED_MS, true)
    return world
  }

  get violation(): Violation | undefined {
    return this.#stage.referee.violation
  }

  moves(): readonly Move[] {
    const { journeys, cut } = this.#stage
    const isCut = ({ name }: { name: string }) => cut.has(name)
    const broke = () => this.#left.loss--
    return [
      ...journeys.moves({ mayBreak: this.#left.loss > 0, broke, isCut }),
      // Nodes are alike until something happens to them: the first one to be touched is the one with the next number.
      ...this.#nodes.slice(0, this.#touched + 1).flatMap((node, index) => this.#movesOf(node, index)),
      ...this.#timeMoves(),
    ]
  }

  async make({ make }: Move): Promise<void> {
    make()
    await this.#pass(0, false)
  }

  fingerprint(): string {
    const { timeline, journeys, cut } = this.#stage
    return [
      timeline.now(),
      ...Object.values(this.#left),
      this.#touched,
      this.#stage.storeFingerprint(CONVERSATION),
      journeys.fingerprint(),
      ...this.#nodes.map((node) => node.fingerprint(CONVERSATION)),
      this.#turns(),
      [...cut].sort(),
      this.#message,
      [...this.#attached].sort(),
      [...this.#awaited].sort(),
    ].join('|')
  }

  /** Whose turn it is at each instant: of two beats that are due together, the second one sees what the first one wrote. */
  #turns(): string {
    return this.#nodes
      .flatMap((node) => node.timers().map((timer) => ({ ...timer, name: node.name })))
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)
      .map(({ name }) => name.slice(-1))
      .join('')
  }

  /** OW4, judged where nothing is on its way and nobody is hindered: with time alone somebody must come to own it. */
  async liveOn(): Promise<void> {
    const { journeys, cut, referee } = this.#stage
    const nodes = this.#nodes
    const isHindered = ({ process }: SteppedNode) => process.state === 'paused'
    if (!journeys.quiet || cut.size > 0 || nodes.some(isHindered)) return
    if (!nodes.some(({ process }) => process.alive)) return
    const servers = () => nodes.filter((node) => node.serves(CONVERSATION)).map(({ name }) => name)
    for (let waitedMs = 0; waitedMs < LIVE_ON_MS && servers().length === 0; waitedMs += TIME_STEP_MS)
      await this.#pass(TIME_STEP_MS, true)
    const ownedBy = servers()
    referee.see({ kind: 'settled', conversation: CONVERSATION, ownedBy, overdueTimerMs: 0 })
    referee.end()
  }

  #movesOf(node: SteppedNode, index: number): readonly Move[] {
    const { process, name } = node
    const { stage, left } = { stage: this.#stage, left: this.#left }
    const moves: Move[] = []
    const move = (sentence: string, make: () => void): Move => ({
      sentence,
      make: () => {
        this.#touched = Math.max(this.#touched, index + 1)
        make()
      },
    })
    const fault = (kind: FaultKind, sentence: string, make: () => void) => {
      const once = move(sentence, () => {
        left[kind]--
        make()
      })
      if (left[kind] > 0) moves.push(once)
    }
    if (process.state === 'dead') return [move(`${name} is started again`, () => this.#start(index))]
    if (process.state === 'paused') {
      moves.push(move(`${name} wakes and does first what was due`, () => process.wake('timer')))
      moves.push(move(`${name} wakes and does first what came in`, () => process.wake('input')))
    }
    if (stage.cut.has(name)) moves.push(move(`${name} reaches the database again`, () => stage.cut.delete(name)))
    const wanted = this.#message <= this.#bounds.messages && !this.#awaited.has(name)
    if (left.asks > 0 && wanted)
      moves.push(move(`the visitor's message ${this.#message} goes to ${name}`, () => this.#say(index)))
    if (left.handovers > 0 && process.state === 'running' && node.owners.get(CONVERSATION))
      moves.push(...this.#handoverMoves(node, move))
    fault('death', `${name} dies`, () => this.#crash(node))
    if (process.state === 'running') fault('pause', `${name} stands still`, () => process.pause())
    if (!stage.cut.has(name)) fault('cut', `${name} does not reach the database any more`, () => stage.cut.add(name))
    return moves
  }

  #handoverMoves(node: SteppedNode, move: (sentence: string, make: () => void) => Move): readonly Move[] {
    return this.#nodes
      .filter((other, index) => other !== node && other.process.alive && index <= this.#touched)
      .map((other) =>
        move(`${node.name} is told to give the conversation to ${other.name}`, () => {
          this.#left.handovers--
          this.#touched = Math.max(this.#touched, this.#nodes.indexOf(other) + 1)
          node.give(CONVERSATION, other.membership.self())
        }),
      )
  }

  #timeMoves(): readonly Move[] {
    if (this.#left.timeSteps === 0) return []
    const make = () => {
      this.#left.timeSteps--
      this.#timeOwedMs = TIME_STEP_MS
    }
    return [{ sentence: `${TIME_STEP_MS} ms pass`, make }]
  }

  #start(index: number): void {
    const run = (this.#runs[index] ?? 0) + 1
    this.#runs[index] = run
    const node = new SteppedNode(this.#stage, this.#nodes, `chat-${index + 1}`, index * 10 + run)
    this.#nodes[index] = node
    node.start()
  }

  /** Its supervisor sees it, and tells the store: soon, late, or never. */
  #crash({ process, name, membership }: SteppedNode): void {
    const { journeys, cut, memberStore } = this.#stage
    const { incarnation } = membership.self()
    process.kill()
    cut.delete(name)
    this.#attached.delete(name)
    this.#awaited.delete(name)
    journeys.senderDied(process)
    journeys.sendOrphan(process, `the word of ${name}'s supervisor that it exited`, () =>
      memberStore.tombstone(incarnation, 'its process exited'),
    )
  }

  #say(index: number): void {
    this.#left.asks--
    this.#awaited.add(`chat-${index + 1}`)
    const n = this.#message
    const origin = { instance: 'page', n, floor: n }
    const command = { type: 'message', format: 'text', text: `Message ${n}` } as const
    this.#ask(index, { sender: VISITOR, key: `m${n}`, origin, command })
  }

  #ask(index: number, submission: Submission): void {
    const node = this.#nodes[index]
    assert(node, 'there is a node of that number')
    const attaches = !this.#attached.has(node.name)
    this.#attached.add(node.name)
    node.ask(CONVERSATION, submission, attaches, this.#ear(node, submission.key))
  }

  #ear({ name }: SteppedNode, asked: string): EdgeEar {
    return {
      settled: () => {
        if (asked === this.#present()) this.#awaited.delete(name)
      },
      moved: () => this.#attached.delete(name),
      acknowledged: (key, seq) => {
        this.#stage.referee.see({ kind: 'acknowledged', page: PAGE, conversation: CONVERSATION, key, seq })
        if (key !== this.#present()) return
        this.#message++
        this.#awaited.clear()
      },
    }
  }

  #present(): string {
    return `m${this.#message}`
  }

  /** Lets time pass, and all that follows happen; `smoothly`: what is on its way arrives at once. */
  async #pass(ms: number, smoothly: boolean): Promise<void> {
    const { timeline, journeys } = this.#stage
    const untilMs = timeline.now() + ms + this.#timeOwedMs
    this.#timeOwedMs = 0
    for (let goesOn = true; goesOn; ) {
      await settle(false)
      const stepped = timeline.step(untilMs)
      await settle(false)
      goesOn = (smoothly && journeys.passOn()) || stepped
    }
  }
}
