import { every } from '../../base/clock.ts'
import { within } from '../../base/deadline.ts'
import { type ConversationId, type Incarnation, idFromBits, type Owner } from '../../base/ids.ts'
import { silentLog } from '../../base/log.ts'
import { memoryMetrics } from '../../base/metrics.ts'
import { Adoption } from '../../cluster/adoption.ts'
import { Membership } from '../../cluster/membership.ts'
import { judgePeer } from '../../cluster/peer-decision.ts'
import { EVENT_FORMAT } from '../../conversation/event-json.ts'
import type { Submission } from '../../protocol/conversation-port.ts'
import { HANDOVER, Handover } from '../../server/handover.ts'
import { NODE_DEFAULTS } from '../../server/node-settings.ts'
import { Owners } from '../../server/owners.ts'
import { FencedLog } from '../../store/fenced-log.ts'
import {
  type ClaimOutcome,
  LEASE,
  type LogStore,
  type MemberFacts,
  type MemberStore,
  type Slice,
  StoreUnavailable,
} from '../../store/log-store.ts'
import { type RemoteCall, remoteLogStore, remoteMemberStore } from '../simulated-database.ts'
import { SimulatedProcess } from '../simulated-process.ts'
import { Trace } from '../trace.ts'
import { openClock, type PendingTimer } from './open-clock.ts'
import type { OwnershipStage } from './ownership-stage.ts'

const JUDGE_MS = 200
const NEVER_MS = 1e9
// Small batches keep a distance (SE18) of less than this: an append that left so lately holds up the next one.
const LATELY_MS = 10
const EDGE = 'edge'

/** What the visitor's edge hears from a node. */
export interface EdgeEar {
  acknowledged(key: string, seq: number): void
  /** Asked in vain: somebody else may be asked. */
  settled(key: string): void
  moved(): void
}

/**
 * The owner side of one run of one node: the production membership, fenced log, owners, adoption and handover, on
 * ports that the search steps. Its links are left out: whoever is dead is seen to be, and questions are journeys.
 */
export class SteppedNode {
  readonly name: string
  readonly process: SimulatedProcess
  readonly membership: Membership
  readonly owners: Owners
  readonly #stage: OwnershipStage
  readonly #nodes: readonly SteppedNode[]
  readonly #handover: Handover
  readonly #adoption: Adoption
  readonly #incarnations = new Set<Incarnation>()
  readonly #pending: () => readonly PendingTimer[]
  readonly #fencedLog: FencedLog
  /** Commands that were passed on to it and have no answer. */
  readonly #unanswered: string[] = []
  /** What came back from the store since then: how far it is with them cannot be seen otherwise. */
  #heard: string[] = []
  /** Whom it was told to give to: while an append is on its way, nothing else tells it. */
  readonly #givingTo: Incarnation[] = []
  #renewedAtMs = 0
  #appendedAtMs = Number.NEGATIVE_INFINITY
  readonly #buried = new Set<Incarnation>()
  /** When it was last told what the dead left: for a while it does not ask again. */
  readonly #adoptedAtMs = new Map<Incarnation, number>()

  /** `nodes`: everybody, this one included, as they are at any time. */
  constructor(stage: OwnershipStage, nodes: readonly SteppedNode[], name: string, id: number) {
    this.#stage = stage
    this.#nodes = nodes
    this.name = name
    const ports = { timeline: stage.timeline, trace: new Trace(), onThrow: (error: unknown) => stage.thrown(error) }
    this.process = new SimulatedProcess(name, ports)
    const { clock, pending } = openClock(stage.clock(this.process.clock), () => stage.nextOrder())
    this.#pending = pending
    const metrics = memoryMetrics()
    const log = silentLog
    let ids = id * 100
    const random = { fraction: () => 0.5, id: () => idFromBits(BigInt(++ids)) }
    this.membership = new Membership({ clock, random, log, metrics, store: this.#memberStore() }, name, () =>
      this.#facts(),
    )
    const store = this.#logStore()
    const self = () => this.#self()
    const common = { clock, log, metrics, store, self }
    const policy = { resendAttempts: NODE_DEFAULTS.resendAttempts, resendDelayMs: NODE_DEFAULTS.resendDelayMs }
    this.#fencedLog = new FencedLog({ ...common, policy })
    this.owners = new Owners({
      ...common,
      fencedLog: this.#fencedLog,
      limits: NODE_DEFAULTS.owner,
      settings: { ...NODE_DEFAULTS.owners, restAfterMs: NEVER_MS },
      opens: true,
      storeNow: () => this.membership.storeNow(),
      leaseHeld: () => this.membership.leaseHeld(),
      format: () => EVENT_FORMAT,
      whenHeld: () => this.membership.whenHeld(),
      mode: () => 'enabled',
      cutOff: () => false,
      announce() {},
    })
    this.#adoption = new Adoption({ clock, log, metrics, store }, this.membership, this.owners)
    this.#handover = new Handover({
      ...common,
      owners: this.owners,
      ask: (to, kind, body, patienceMs) => this.#question(to, kind, body, patienceMs),
    })
  }

  start(): void {
    this.process.deliver(0, 'input', 'start', () => {
      this.membership.onLost(() => void this.#liveOn())
      // A name that is taken ends the process; its supervisor starts it again, which is another move.
      void this.membership.start().then(
        () => this.#begin(),
        () => this.process.kill(),
      )
    })
  }

  /** The visitor's edge attaches here and passes a command on. */
  ask(conversation: ConversationId, submission: Submission, attaches: boolean, edge: EdgeEar): void {
    const { key } = submission
    this.#unanswered.push(key)
    this.process.deliver(0, 'input', `${EDGE} asks ${key}`, () => {
      if (attaches) void this.#attach(conversation, edge)
      void this.owners.submit(conversation, submission).then((reply) => {
        this.#unanswered.splice(this.#unanswered.indexOf(key), 1)
        if (this.#unanswered.length === 0) this.#heard = []
        edge.settled(key)
        if (reply.kind === 'moved') return
        this.#stage.referee.see({ kind: 'answered', by: this.#self(), conversation, reply })
        if (reply.kind === 'ack') edge.acknowledged(key, reply.seq)
      })
    })
  }

  give(conversation: ConversationId, to: Owner): void {
    this.process.deliver(0, 'input', `gives to ${to.node}`, () => {
      const owner = this.owners.get(conversation)
      if (!owner) return
      this.#givingTo.push(to.incarnation)
      const over = () => this.#givingTo.splice(this.#givingTo.indexOf(to.incarnation), 1)
      void this.#handover.give([owner], to, 'an operator moved it').finally(over)
    })
  }

  /** Owns it in memory and may serve it. */
  serves(conversation: ConversationId): boolean {
    const epoch = this.owners.get(conversation)?.epoch
    return this.process.alive && this.membership.leaseHeld() && epoch === this.#stage.ledger.epoch(conversation)
  }

  /** What it will still do by itself, in that order. */
  timers(): readonly PendingTimer[] {
    return this.process.alive ? this.#pending() : []
  }

  /** Everything that can be seen of this run from outside. */
  fingerprint(conversation: ConversationId): string {
    const { membership, owners, process, name } = this
    if (!process.alive) return `${name} dead`
    const owner = owners.get(conversation)
    const owned = owner && [owner.epoch, owner.headSeq, owner.isAttached(EDGE), owner.attached]
    const members = membership.members().map(({ incarnation, beatAgeMs, tombstoned, owned: its }) => {
      return [incarnation, tombstoned || beatAgeMs, its]
    })
    const lease = [this.#renewedAtMs, membership.leaseHeld(), membership.steadyForMs(), membership.self().incarnation]
    const appendAgeMs = Math.min(this.#stage.timeline.now() - this.#appendedAtMs, LATELY_MS)
    const work = [owned, owners.holds(conversation), owners.attaching, this.#fencedLog.availability(), appendAgeMs]
    const asked = [this.#unanswered, this.#heard, this.#givingTo]
    return JSON.stringify([
      process.state,
      lease,
      members,
      work,
      asked,
      this.timers().map(({ dueMs }) => dueMs),
      [...this.#buried],
      [...this.#adoptedAtMs],
    ])
  }

  async #attach(conversation: ConversationId, edge: EdgeEar): Promise<void> {
    const { referee } = this.#stage
    const reply = await this.owners.attach(EDGE, conversation, 0, {
      events: (_, epoch) => referee.see({ kind: 'published', by: this.#self(), conversation, epoch }),
      ephemeral() {},
      status() {},
      moved: () => edge.moved(),
      ended: () => edge.moved(),
    })
    if (reply.kind !== 'attached') edge.moved()
  }

  #begin(): void {
    this.owners.start()
    this.#adoption.start()
    every(this.process.clock, JUDGE_MS, () => this.#judgeAll())
    this.membership.refresh()
  }

  async #liveOn(): Promise<void> {
    this.owners.dropAll()
    await this.membership.rejoin().catch(() => this.process.kill())
    this.membership.refresh()
  }

  /** What peer links do: a process that refuses connections, and is missed by a second node, is dead. */
  #judgeAll(): void {
    const others = this.#nodes.filter((node) => node.name !== this.name)
    for (const row of this.membership.members()) {
      const { incarnation, beatAgeMs, tombstoned } = row
      if (row.node === this.name || tombstoned || this.#buried.has(incarnation)) continue
      const gone = !this.#nodeOf(incarnation)?.process.alive
      const missing = others.filter(({ name, process }) => gone && name !== row.node && process.alive)
      const nowMs = this.process.clock.monotonicMs()
      const evidence = {
        linkUp: !gone,
        lastHeardMs: nowMs,
        hearsUs: true,
        refused: gone,
        witnesses: new Set(missing.map(({ membership }) => membership.self().incarnation)),
        beatAgeMs,
        owns: true,
      }
      const verdict = judgePeer(evidence, nowMs, this.membership.steadyForMs(), LEASE)
      if (verdict.kind !== 'dead' || !this.membership.leaseHeld()) continue
      this.#buried.add(incarnation)
      void this.membership.tombstone(incarnation, verdict.reason).then((written) => {
        if (!written) this.#buried.delete(incarnation)
      })
    }
  }

  async #question(to: Incarnation, kind: string, body: unknown, patienceMs: number): Promise<unknown> {
    const from = this.#self()
    const target = this.#nodeOf(to)
    const name = `${this.name}'s word to ${target?.name ?? 'nobody'} that it may have the conversation`
    const journey = this.#stage.journeys.send(this.process, { name, details: [to, from, body] }, () =>
      target && kind === HANDOVER ? target.#taken(body, from) : new Promise(() => {}),
    )
    const answer = await within(this.process.clock, patienceMs, journey, undefined)
    if (answer === undefined) throw new Error('no answer in time')
    return answer
  }

  #taken(body: unknown, from: Owner): Promise<unknown> {
    return new Promise((resolve) => {
      this.process.deliver(0, 'input', `${from.node} hands over`, () => {
        const failed = () => resolve(undefined)
        void this.#handover.take(body, from).then(resolve, failed)
      })
    })
  }

  #nodeOf(incarnation: Incarnation): SteppedNode | undefined {
    return this.#nodes.find((node) => node.membership.self().incarnation === incarnation)
  }

  #self(): Owner {
    const self = this.membership.self()
    this.#incarnations.add(self.incarnation)
    return self
  }

  #facts(): MemberFacts {
    const { name } = this
    const roles = ['chat'] as const
    const addresses = { relayAddress: name, httpUrl: name }
    const versions = { version: 'simulated', formatReads: EVENT_FORMAT }
    return { ...addresses, ...versions, roles, mode: 'enabled', owned: this.owners.size, attached: 0 }
  }

  /** Reads, and beats: answered at once, where the database is reached. */
  #call(): RemoteCall {
    return async (statement, run) => {
      this.#assertReachable()
      const answer = await run()
      if (statement === 'beat') this.#renewedAtMs = this.#stage.timeline.now()
      return answer
    }
  }

  /** A statement whose journey is the search's to decide. */
  async #travels<Answer>(what: string, details: unknown, run: () => Promise<Answer>): Promise<Answer> {
    this.#assertReachable()
    try {
      return await this.#stage.journeys.send(this.process, { name: `${this.name}'s ${what}`, details }, run)
    } finally {
      if (this.#unanswered.length > 0) this.#heard.push(what)
    }
  }

  #assertReachable(): void {
    if (this.#stage.cut.has(this.name)) throw new StoreUnavailable('no route to the store')
  }

  #memberStore(): MemberStore {
    const { memberStore } = this.#stage
    return {
      ...remoteMemberStore(memberStore, this.#call()),
      tombstone: (incarnation, reason) =>
        this.#travels('word that a node is dead', incarnation, () => memberStore.tombstone(incarnation, reason)),
    }
  }

  /** The store as this node reaches it; what it is told is shown to the checkers at the instant when it is true. */
  #logStore(): LogStore {
    const { logStore, referee, ledger } = this.#stage
    const seeClaims = (outcomes: readonly ClaimOutcome[], by: Owner) => {
      for (const outcome of outcomes)
        if (outcome.kind === 'claimed') referee.see({ kind: 'claim-answered', by, claimed: outcome })
    }
    return {
      ...remoteLogStore(logStore, this.#call()),
      claim: (requests, by) =>
        this.#travels('claim', [requests, by], async () => {
          const outcomes = await logStore.claim(requests, by)
          seeClaims(outcomes, by)
          return outcomes
        }),
      adopt: async (from, by, limit) => {
        const adopted = await this.#travels('adoption', [from, by], async () => {
          const outcomes = await logStore.adopt(from, by, limit)
          seeClaims(outcomes, by)
          return outcomes
        })
        for (const each of from) this.#adoptedAtMs.set(each, this.#stage.timeline.now())
        return adopted
      },
      append: (slices) => {
        const by = this.#self()
        this.#appendedAtMs = this.#stage.timeline.now()
        return this.#travels(`append of ${slices.map(namesOf)}`, by, async () => {
          const outcomes = await logStore.append(slices)
          slices.forEach((slice, i) => {
            const owner = ledger.owner(slice.conversation, slice.epoch)
            const writer = owner && this.#incarnations.has(owner.incarnation) ? owner : by
            const outcome = outcomes[i]
            if (outcome) referee.see({ kind: 'append-answered', by: writer, slice, outcome })
          })
          return outcomes
        })
      },
      offerHandover: (requests) => this.#travels('offer', requests, () => logStore.offerHandover(requests)),
      withdrawHandover: (requests) => this.#travels('withdrawal', requests, () => logStore.withdrawHandover(requests)),
    }
  }
}

function namesOf({ epoch, expectSeq, events }: Slice): string {
  return `${events.map(({ key }) => key)} at epoch ${epoch} after seq ${expectSeq}`
}
