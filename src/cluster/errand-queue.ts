import type { Cancel, Clock } from '../base/clock.ts'
import { isPassing, type Refusal, refuse } from '../base/refusals.ts'
import type { Moved, ReadReply, Submission, SubmitReply } from '../protocol/conversation-port.ts'
import type { OwnerAccess } from './owner-access.ts'

type Reply = SubmitReply | ReadReply

interface Errand {
  /** Errands of one lane reach the owner in the order in which they came: (sender, instance) of a submission. */
  readonly lane: string | undefined
  readonly run: (access: OwnerAccess) => Promise<Reply | Moved>
  readonly settle: (reply: Reply) => void
  readonly deadlineMs: number
  /** Raised by each attempt: answers to earlier ones are told apart. */
  attempt: number
  /** Under way to the present owner. */
  sent: boolean
  /** An earlier one of its lane was unsettled when it was sent, so it may be refused for coming first. */
  behind: boolean
}

/**
 * What one conversation's clients of this node want from its owner and have no answer to yet, in the order in which it
 * came. When the owner changes, all of it is sent again by its keys in that order (LO3, LO5).
 */
export class ErrandQueue {
  readonly #clock: Clock
  readonly #patienceMs: number
  readonly #errandsMax: number
  readonly #settled: (byOwner: boolean) => void
  readonly #moved: (moved: Moved) => void
  readonly #errands = new Set<Errand>()
  #access: OwnerAccess | undefined
  #impatience: Cancel | undefined

  /**
   * `settled`: an errand got its answer, `byOwner` if only an owner could give it. `moved`: the node that was taken
   * for the owner is not.
   */
  constructor(options: {
    clock: Clock
    patienceMs: number
    errandsMax: number
    settled: (byOwner: boolean) => void
    moved: (moved: Moved) => void
  }) {
    this.#clock = options.clock
    this.#patienceMs = options.patienceMs
    this.#errandsMax = options.errandsMax
    this.#settled = options.settled
    this.#moved = options.moved
  }

  get size(): number {
    return this.#errands.size
  }

  submit(submission: Submission, send: (access: OwnerAccess) => Promise<SubmitReply | Moved>): Promise<SubmitReply> {
    const { origin, sender } = submission
    const lane = origin ? `${sender.id}\n${origin.instance}` : undefined
    // A submission is never answered with events: the access sees to that.
    return this.#add(lane, send) as Promise<SubmitReply>
  }

  read(send: (access: OwnerAccess) => Promise<ReadReply | Moved>): Promise<ReadReply> {
    return this.#add(undefined, send) as Promise<ReadReply>
  }

  /** The node to ask from now on; everything unsettled goes there. `undefined`: nobody for now. */
  route(access: OwnerAccess | undefined): void {
    this.#access = access
    for (const errand of this.#errands) errand.sent = false
    this.#release()
  }

  #add(lane: string | undefined, run: Errand['run']): Promise<Reply> {
    if (this.#errands.size >= this.#errandsMax) return Promise.resolve(refuse('busy', { retryAfterMs: 250 }))
    return new Promise((settle) => {
      const deadlineMs = this.#clock.monotonicMs() + this.#patienceMs
      const errand: Errand = { lane, run, settle, deadlineMs, attempt: 0, sent: false, behind: false }
      const ahead = lane === undefined ? [] : [...this.#errands].filter((other) => other.lane === lane)
      this.#errands.add(errand)
      if (ahead.every(({ sent }) => sent)) this.#send(errand, ahead.length > 0)
      this.#watch()
    })
  }

  /** Sends what waits, in order; a lane with something under way since before goes on when that is settled. */
  #release(): void {
    if (!this.#access) return
    const underWay = new Set<string>()
    const passed = new Set<string>()
    for (const errand of this.#errands) {
      const lane = errand.lane ?? ''
      if (errand.sent) underWay.add(lane)
      else if (lane === '' || !underWay.has(lane)) this.#send(errand, passed.has(lane))
      passed.add(lane)
    }
  }

  #send(errand: Errand, behind: boolean): void {
    if (!this.#access) return
    errand.sent = true
    errand.behind = behind
    errand.attempt += 1
    const { attempt } = errand
    void errand.run(this.#access).then((reply) => this.#replied(errand, attempt, reply))
  }

  #replied(errand: Errand, attempt: number, reply: Reply | Moved): void {
    if (!this.#errands.has(errand)) return
    // Durable is durable, whoever says so. Everything else counts only from whom was asked last: an earlier refusal
    // says nothing about the attempt that is under way (LO2).
    if (reply.kind === 'ack' || reply.kind === 'events') return this.#settle(errand, reply)
    if (!errand.sent || errand.attempt !== attempt) return
    if (reply.kind === 'moved') return this.#moved(reply)
    if (reply.code !== 'out-of-order' || !errand.behind)
      return this.#settle(errand, attempt > 1 ? inDoubt(reply) : reply)
    // It overtook an earlier one that had to be sent again; its turn comes after that.
    errand.sent = false
    this.#release()
  }

  #settle(errand: Errand, reply: Reply): void {
    this.#errands.delete(errand)
    errand.settle(reply)
    this.#settled(reply.kind !== 'refused')
    this.#release()
  }

  /** Patience is the same for all, so the oldest is the next to lose it. */
  #watch(): void {
    const [oldest] = this.#errands
    if (!oldest || this.#impatience) return
    const waitMs = Math.max(0, oldest.deadlineMs - this.#clock.monotonicMs())
    this.#impatience = this.#clock.after(waitMs, () => {
      this.#impatience = undefined
      this.#giveUp()
      this.#watch()
    })
  }

  #giveUp(): void {
    const now = this.#clock.monotonicMs()
    for (const errand of this.#errands) {
      if (errand.deadlineMs > now) break
      this.#errands.delete(errand)
      errand.settle(refuse('owner-unreachable', { retryAfterMs: 1000 }))
      this.#settled(false)
    }
    this.#release()
  }
}

/**
 * An owner that is too busy refuses before it looks at the key. When an earlier attempt may have got through, that is
 * no proof that the command is not in the log (LO2).
 */
function inDoubt(refusal: Refusal): Refusal {
  return isPassing(refusal) ? { ...refusal, code: 'owner-unreachable' } : refusal
}
