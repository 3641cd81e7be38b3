import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Epoch, Incarnation, NodeName, Owner, Seq } from '../base/ids.ts'
import { type Log, silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type {
  AttachReply,
  ConversationStatus,
  Ephemeral,
  Moved,
  OwnerPort,
  OwnerSink,
  ReadReply,
  Submission,
  SubmitReply,
  Subscriber,
} from '../protocol/conversation-port.ts'
import type { MemberRow } from '../store/log-store.ts'
import { CHAT_FACTS } from '../store/member-facts-stage.ts'
import { EdgeRelay, type EdgeRelayLimits } from './edge-relay.ts'
import type { Link } from './network.ts'
import { type Peers, RELAY_FRAME_MIN } from './peers.ts'
import { RelayHost, type RelayHostLimits } from './relay-host.ts'

const LATENCY_MS = 1

/** Nodes with real relays and pretended owners, links and log, on a clock that the test drives. */
export class RelayStage {
  readonly clock = new ManualClock()
  readonly nodes = new Map<NodeName, StagedNode>()
  readonly logs = new Map<ConversationId, StagedLog>()
  /** Conversations that the store was asked for. */
  readonly storeAsked: ConversationId[] = []

  node(name: NodeName, options: StagedNodeOptions = {}): StagedNode {
    const node = new StagedNode(this, name, options)
    for (const other of this.nodes.values()) this.connect(other, node)
    this.nodes.set(name, node)
    return node
  }

  /** The conversation with `seqs` events by `owner`, at epoch 1. */
  conversation(id: ConversationId, owner: StagedNode, seqs = 0): StagedLog {
    const log: StagedLog = { epoch: 1, owner: owner.self.incarnation, records: [], keys: new Map(), lastN: new Map() }
    this.logs.set(id, log)
    for (let seq = 1; seq <= seqs; seq++) log.records.push(stagedRecord(seq, 1))
    return log
  }

  /** `to` claims the conversation; nobody is told unless `announce`. */
  claim(id: ConversationId, to: StagedNode, announce = true): void {
    const log = this.logs.get(id)
    if (!log) return
    log.epoch += 1
    log.owner = to.self.incarnation
    if (announce) to.host.announce([{ conversation: id, epoch: log.epoch, owner: log.owner }])
  }

  connect(one: StagedNode, other: StagedNode): void {
    const wire = { open: true }
    const near = new StagedLink(this.clock, wire, other.self)
    const far = new StagedLink(this.clock, wire, one.self)
    near.deliver = (frame) => other.peers.received(far, frame)
    far.deliver = (frame) => one.peers.received(near, frame)
    near.ended = (reason) => {
      one.peers.down(other.self, reason, true)
      other.peers.down(one.self, reason, true)
    }
    far.ended = near.ended
    one.peers.up(near)
    other.peers.up(far)
  }

  cut(one: StagedNode, other: StagedNode): void {
    one.peers.link(other.self.incarnation)?.close('cut')
  }

  /** The process is gone: all its links close. */
  kill(node: StagedNode): void {
    this.nodes.delete(node.self.node)
    for (const other of this.nodes.values()) this.cut(other, node)
  }
}

interface StagedLog {
  epoch: Epoch
  owner: Incarnation
  readonly records: EventRecord[]
  readonly keys: Map<string, Seq>
  readonly lastN: Map<string, number>
}

interface StagedNodeOptions {
  /** No owner side: an edge. */
  readonly edgeOnly?: boolean
  readonly edgeLimits?: Partial<EdgeRelayLimits>
  readonly hostLimits?: Partial<RelayHostLimits>
  readonly log?: Log
}

class StagedNode {
  readonly self: Owner
  readonly peers: StagedPeers
  readonly host: RelayHost
  readonly owner: StagedOwner
  readonly edge: EdgeRelay
  readonly metrics = memoryMetrics()

  constructor(stage: RelayStage, name: NodeName, options: StagedNodeOptions) {
    const { clock } = stage
    const log = options.log ?? silentLog
    this.self = { node: name, incarnation: `incarnation-${name}` }
    this.peers = new StagedPeers(stage, this.self)
    this.host = new RelayHost({
      peers: this.peers,
      clock,
      log,
      metrics: this.metrics,
      ...(options.hostLimits ? { limits: options.hostLimits } : {}),
    })
    this.owner = new StagedOwner(stage, this.self.incarnation)
    if (!options.edgeOnly) this.host.serve(this.owner)
    this.edge = new EdgeRelay({
      peers: this.peers,
      host: this.host,
      local: options.edgeOnly ? undefined : this.owner,
      clock,
      random: { fraction: () => 0.5, id: () => '0000000000000' },
      log,
      metrics: this.metrics,
      findOwner: async (conversation) => {
        stage.storeAsked.push(conversation)
        return stage.logs.get(conversation)?.owner
      },
      ...(options.edgeLimits ? { limits: options.edgeLimits } : {}),
    })
  }
}

class StagedPeers implements Peers {
  readonly #stage: RelayStage
  readonly #self: Owner
  readonly #links = new Map<Incarnation, StagedLink>()
  readonly #suspect = new Set<Incarnation>()
  readonly #up: ((peer: Owner) => void)[] = []
  readonly #down: ((peer: Owner, reason: string) => void)[] = []
  readonly #frames: ((link: Link, frame: Uint8Array) => void)[] = []
  /** Overrides who is asked first. */
  order: readonly Incarnation[] | undefined

  constructor(stage: RelayStage, self: Owner) {
    this.#stage = stage
    this.#self = self
  }

  self(): Owner {
    return this.#self
  }

  members(): readonly MemberRow[] {
    return [...this.#stage.nodes.values()].map(({ self }) => ({
      ...self,
      ...CHAT_FACTS,
      beatAgeMs: 0,
      tombstoned: false,
    }))
  }

  preferred(): readonly Incarnation[] {
    if (this.order) return this.order
    return [...this.#links.keys()].filter((incarnation) => !this.#suspect.has(incarnation))
  }

  link(incarnation: Incarnation): StagedLink | undefined {
    return this.#links.get(incarnation)
  }

  trusted(incarnation: Incarnation): boolean {
    return this.#links.has(incarnation) && !this.#suspect.has(incarnation)
  }

  incarnationOf(node: NodeName): Incarnation | undefined {
    return this.#stage.nodes.get(node)?.self.incarnation
  }

  onUp(listener: (peer: Owner) => void): void {
    this.#up.push(listener)
  }

  onDown(listener: (peer: Owner, reason: string) => void): void {
    this.#down.push(listener)
  }

  onFrame(listener: (link: Link, frame: Uint8Array) => void): void {
    this.#frames.push(listener)
  }

  up(link: StagedLink): void {
    this.#links.set(link.peer.incarnation, link)
    for (const listener of this.#up) listener(link.peer)
  }

  /** `closed` or only suspect. */
  down(peer: Owner, reason: string, closed: boolean): void {
    if (closed) this.#links.delete(peer.incarnation)
    else this.#suspect.add(peer.incarnation)
    for (const listener of this.#down) listener(peer, reason)
  }

  /** A suspect peer is heard again. */
  trust(peer: Owner): void {
    this.#suspect.delete(peer.incarnation)
    if (this.#links.has(peer.incarnation)) for (const listener of this.#up) listener(peer)
  }

  received(link: StagedLink, frame: Uint8Array): void {
    if (this.#links.get(link.peer.incarnation) !== link || (frame[0] ?? 0) < RELAY_FRAME_MIN) return
    for (const listener of this.#frames) listener(link, frame)
  }
}

class StagedLink implements Link {
  readonly peer: Owner
  readonly #clock: ManualClock
  readonly #wire: { open: boolean }
  deliver: (frame: Uint8Array) => void = () => {}
  ended: (reason: string) => void = () => {}
  /** The peer takes nothing for now. */
  stalled = false
  queuedBytes = 0
  sent = 0

  constructor(clock: ManualClock, wire: { open: boolean }, peer: Owner) {
    this.#clock = clock
    this.#wire = wire
    this.peer = peer
  }

  send(frame: Uint8Array): void {
    if (!this.#wire.open) return
    this.sent += 1
    this.queuedBytes += frame.length
    if (this.stalled) return
    this.#clock.after(LATENCY_MS, () => {
      this.queuedBytes -= frame.length
      if (this.#wire.open) this.deliver(frame)
    })
  }

  close(reason: string): void {
    if (!this.#wire.open) return
    this.#wire.open = false
    this.ended(reason)
  }
}

/** The owner side without fences or leases: it answers by what the staged log says, or as the test has it. */
class StagedOwner implements OwnerPort {
  readonly #stage: RelayStage
  readonly #incarnation: Incarnation
  readonly sinks = new Map<string, { sink: OwnerSink; conversation: ConversationId; peer: string }>()
  readonly attachments: { conversation: ConversationId; after: Seq }[] = []
  readonly submissions: string[] = []
  readonly reads: { after: Seq; limit: number }[] = []
  readonly signals: Ephemeral[] = []
  /** Says `moved` with no owner even for what it owns. */
  denies = false
  /** Answers nothing. */
  silent = false
  /** Refuses attachments and submissions with this. */
  refuses: Refusal | undefined
  /** Milliseconds before a submission or read is answered. */
  delayMs = 0

  constructor(stage: RelayStage, incarnation: Incarnation) {
    this.#stage = stage
    this.#incarnation = incarnation
  }

  async attach(peer: string, conversation: ConversationId, after: Seq, sink: OwnerSink): Promise<AttachReply> {
    this.attachments.push({ conversation, after })
    const owned = await this.#owned(conversation)
    if (!('records' in owned)) return owned
    this.sinks.set(`${peer} ${conversation}`, { sink, conversation, peer })
    const headSeq = owned.records.length
    this.#stage.clock.after(0, () => {
      if (headSeq > after) sink.events(conversation, owned.epoch, owned.records.slice(after))
    })
    return { kind: 'attached', epoch: owned.epoch, headSeq }
  }

  detach(peer: string, conversation: ConversationId): void {
    this.sinks.delete(`${peer} ${conversation}`)
  }

  async submit(conversation: ConversationId, submission: Submission): Promise<SubmitReply | Moved> {
    this.submissions.push(submission.key)
    const owned = await this.#owned(conversation)
    return 'records' in owned ? this.#append(conversation, owned, submission) : owned
  }

  signal(conversation: ConversationId, ephemeral: Ephemeral): void {
    this.signals.push(ephemeral)
    const epoch = this.#stage.logs.get(conversation)?.epoch ?? 0
    for (const { sink, conversation: its } of this.sinks.values())
      if (its === conversation) sink.ephemeral(conversation, epoch, ephemeral)
  }

  async read(conversation: ConversationId, after: Seq, limit: number): Promise<ReadReply | Moved> {
    this.reads.push({ after, limit })
    const owned = await this.#owned(conversation)
    if (!('records' in owned)) return owned
    return { kind: 'events', headSeq: owned.records.length, records: owned.records.slice(after, after + limit) }
  }

  peerGone(peer: string): void {
    for (const [name, attached] of [...this.sinks]) if (attached.peer === peer) this.sinks.delete(name)
  }

  /** Publishes as the owner would, or as one would that does not know that it was replaced. */
  publish(conversation: ConversationId, epoch: Epoch, records: readonly EventRecord[]): void {
    for (const { sink, conversation: its } of this.sinks.values())
      if (its === conversation) sink.events(conversation, epoch, records)
  }

  /** Appends an event that nobody asked for. */
  happen(conversation: ConversationId, text = 'x'): void {
    const log = this.#stage.logs.get(conversation)
    if (!log) return
    const record = stagedRecord(log.records.length + 1, log.epoch, text)
    log.records.push(record)
    this.publish(conversation, log.epoch, [record])
  }

  tellStatus(conversation: ConversationId, status: ConversationStatus): void {
    const epoch = this.#stage.logs.get(conversation)?.epoch ?? 0
    for (const { sink, conversation: its } of this.sinks.values())
      if (its === conversation) sink.status(conversation, epoch, status)
  }

  async #owned(conversation: ConversationId): Promise<StagedLog | Moved | Refusal> {
    if (this.silent) await new Promise(() => {})
    if (this.delayMs > 0) await new Promise<void>((resolve) => this.#stage.clock.after(this.delayMs, resolve))
    if (this.denies) return { kind: 'moved' }
    if (this.refuses) return this.refuses
    const log = this.#stage.logs.get(conversation)
    if (!log) return refuse('unknown-conversation')
    return log.owner === this.#incarnation ? log : { kind: 'moved', owner: log.owner, epoch: log.epoch }
  }

  #append(conversation: ConversationId, log: StagedLog, { key, origin, sender }: Submission): SubmitReply {
    const known = log.keys.get(`${sender.id} ${key}`)
    if (known !== undefined) return { kind: 'ack', seq: known }
    const lane = `${sender.id} ${origin?.instance}`
    if (origin && origin.n !== (log.lastN.get(lane) ?? 0) + 1) return refuse('out-of-order')
    if (origin) log.lastN.set(lane, origin.n)
    const record = stagedRecord(log.records.length + 1, log.epoch, key)
    log.records.push(record)
    log.keys.set(`${sender.id} ${key}`, record.seq)
    this.publish(conversation, log.epoch, [record])
    return { kind: 'ack', seq: record.seq }
  }
}

/** Notes everything that it is told, as lines. */
export class StagedSubscriber implements Subscriber {
  readonly lines: string[] = []
  readonly seqs: Seq[] = []

  events(_: ConversationId, records: readonly EventRecord[]): void {
    for (const { seq, json } of records) {
      this.seqs.push(seq)
      this.lines.push(`event ${json}`)
    }
  }

  ephemeral(_: ConversationId, ephemeral: Ephemeral): void {
    this.lines.push(`${ephemeral.type} ${ephemeral.from}`)
  }

  status(_: ConversationId, status: ConversationStatus): void {
    this.lines.push(`status ${status}`)
  }

  ended(_: ConversationId, refusal: Refusal): void {
    this.lines.push(`ended ${refusal.code}`)
  }

  get statuses(): readonly string[] {
    return this.lines.filter((line) => line.startsWith('status'))
  }
}

export function stagedRecord(seq: Seq, epoch: Epoch, text = `event ${seq}`): EventRecord {
  return { seq, epoch, at: seq * 1000, audience: 'everyone', sender: 'v', json: JSON.stringify({ seq, text }) }
}

/** The `n`-th command of one page load. */
export function stagedSubmission(n: number, sender = 'v'): Submission {
  return {
    sender: { id: sender, role: 'visitor', name: 'V' },
    key: `${sender}-${n}`,
    origin: { instance: 'page', n, floor: 0 },
    command: { type: 'message', format: 'text', text: `message ${n}` },
  }
}

/** The seqs `first` to `last`. */
export function seqsFrom(first: Seq, last: Seq): readonly Seq[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
}
