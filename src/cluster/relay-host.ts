import type { Clock } from '../base/clock.ts'
import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Epoch, Incarnation, Owner } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { AttachReply, OwnerPort, OwnerSink } from '../protocol/conversation-port.ts'
import { CatchUpPacer } from './catch-up-pacer.ts'
import { LinkOutbox, PACK_BYTES_MAX } from './link-outbox.ts'
import type { Link } from './network.ts'
import type { Peers } from './peers.ts'
import { decodeFrame, encodeEvents, encodeFrame, unpackFrames } from './relay-codec.ts'
import type { AskOutcome, Ownership, RelayFrame, RequestReply } from './relay-frames.ts'
import { encodeRecords } from './relay-values.ts'
import { RemoteOwner, type RemoteOwnerLimits } from './remote-owner.ts'

export interface RelayHostLimits extends RemoteOwnerLimits {
  /** Bytes that a peer may leave untaken before its link is cut. */
  readonly queuedBytesMax: number
  /** Bytes untaken at which a peer gets no more events of the past; well below the maximum. */
  readonly congestedBytes: number
}

export const RELAY_HOST_LIMITS: RelayHostLimits = {
  timeoutMs: 2000,
  submitTimeoutMs: 5000,
  pendingMax: 20_000,
  queuedBytesMax: 16 * 1024 * 1024,
  congestedBytes: 2 * 1024 * 1024,
}

/** Answers a question of another node; what it resolves with must survive JSON. */
export type AskHandler = (body: unknown, from: Owner) => Promise<unknown>

/** Everything between this node and one peer, for as long as one link lasts. */
interface Session {
  readonly link: Link
  readonly outbox: LinkOutbox
  readonly pacer: CatchUpPacer
  readonly remote: RemoteOwner
}

const OWNERSHIPS_PER_FRAME = 1000
// Characters, before UTF-8; far below the frame limit of the network even if each takes three bytes.
const READ_CHARACTERS_MAX = 2 * 1024 * 1024

/**
 * This node's end of all links: serves its owner side to the peers, and gives access to theirs. Frames of one link are
 * handled in the order in which they came.
 */
export class RelayHost {
  readonly #peers: Peers
  readonly #clock: Clock
  readonly #log: Log
  readonly #metrics: Metrics
  readonly #limits: RelayHostLimits
  readonly #sessions = new Map<Incarnation, Session>()
  readonly #askHandlers = new Map<string, AskHandler>()
  readonly #announceListeners: ((ownerships: readonly Ownership[], from: Owner) => void)[] = []
  #owner: OwnerPort | undefined
  /** The records encoded last, and their bytes: an event goes to several peers but is encoded once. */
  #encoded: { records: readonly EventRecord[]; bytes: Uint8Array } = { records: [], bytes: encodeRecords([]) }

  constructor(options: {
    peers: Peers
    clock: Clock
    log: Log
    metrics: Metrics
    limits?: Partial<RelayHostLimits>
  }) {
    this.#peers = options.peers
    this.#clock = options.clock
    this.#log = options.log
    this.#metrics = options.metrics
    this.#limits = { ...RELAY_HOST_LIMITS, ...options.limits }
    this.#peers.onUp((peer) => this.#session(peer.incarnation))
    this.#peers.onDown((peer, reason) => this.#down(peer.incarnation, reason))
    this.#peers.onFrame((link, bytes) => this.#received(link, bytes))
  }

  /** From now on peers may attach to and submit to `owner`; before, and on nodes that own nothing, they are sent elsewhere. */
  serve(owner: OwnerPort): void {
    this.#owner = owner
  }

  /** Access to the conversations of another node, while there is a link to it. */
  remote(incarnation: Incarnation): RemoteOwner | undefined {
    return this.#session(incarnation)?.remote
  }

  /** Answers the questions of one kind, this node's own included. */
  onAsk(kind: string, handler: AskHandler): void {
    this.#askHandlers.set(kind, handler)
  }

  /** Asks a node, or this very one. Never rejects. */
  async ask(incarnation: Incarnation, kind: string, body: unknown, timeoutMs?: number): Promise<AskOutcome> {
    const self = this.#peers.self()
    if (incarnation === self.incarnation) return this.#answer(kind, body, self)
    const remote = this.remote(incarnation)
    return remote ? remote.ask(kind, body, timeoutMs) : { kind: 'failed', reason: 'There is no link to that node.' }
  }

  /** Hears of new owners, whether a peer or this node announced them. */
  onAnnounce(listener: (ownerships: readonly Ownership[], from: Owner) => void): void {
    this.#announceListeners.push(listener)
  }

  /** Tells every node, this one included, who owns conversations now. */
  announce(ownerships: readonly Ownership[]): void {
    for (let start = 0; start < ownerships.length; start += OWNERSHIPS_PER_FRAME) {
      const frame = encodeFrame({ type: 'announce', ownerships: ownerships.slice(start, start + OWNERSHIPS_PER_FRAME) })
      for (const { incarnation } of this.#peers.members()) this.#session(incarnation)?.outbox.send(frame)
    }
    this.#announced(ownerships, this.#peers.self())
  }

  /** The session of the link that is up now; one of an earlier link ends here at the latest. */
  #session(incarnation: Incarnation): Session | undefined {
    const link = this.#peers.link(incarnation)
    const known = this.#sessions.get(incarnation)
    if (known && known.link === link) return known
    if (known) {
      // Whoever hears of the end asks for the next session at once: a link has one, or two would share its numbers.
      this.#end(known, 'the link was replaced')
      return this.#session(incarnation)
    }
    if (!link || incarnation === this.#peers.self().incarnation) return undefined
    const session = this.#begin(link)
    this.#sessions.set(incarnation, session)
    return session
  }

  #begin(link: Link): Session {
    const outbox = new LinkOutbox({
      link,
      clock: this.#clock,
      queuedBytesMax: this.#limits.queuedBytesMax,
      cut: (queuedBytes) => this.#cut(link, queuedBytes),
    })
    const remote = new RemoteOwner({
      clock: this.#clock,
      limits: this.#limits,
      send: (frame) => outbox.send(encodeFrame(frame)),
    })
    const pacer = new CatchUpPacer({
      clock: this.#clock,
      congested: () => outbox.queuedBytes > this.#limits.congestedBytes,
    })
    return { link, outbox, pacer, remote }
  }

  #cut(link: Link, queuedBytes: number): void {
    this.#metrics.count('relay_cuts')
    const reason = `${link.peer.node} left ${queuedBytes} bytes untaken; its link is cut and it resumes from its last seq.`
    this.#log.decision('cut', reason, { node: link.peer.node })
    link.close('too slow')
  }

  /** A suspect peer keeps its attachments here, as its silence may be ours; but nothing waits for it any more. */
  #down(incarnation: Incarnation, reason: string): void {
    const session = this.#sessions.get(incarnation)
    if (!session) return
    if (this.#peers.link(incarnation) === session.link) session.remote.down(reason)
    else this.#end(session, reason)
  }

  #end(session: Session, reason: string): void {
    const { incarnation } = session.link.peer
    this.#sessions.delete(incarnation)
    session.outbox.close()
    session.pacer.close()
    this.#owner?.peerGone(incarnation)
    session.remote.down(reason)
  }

  #received(link: Link, bytes: Uint8Array): void {
    const session = this.#session(link.peer.incarnation)
    if (!session || session.link !== link) return
    for (const packed of unpackFrames(bytes) ?? [new Uint8Array()]) {
      const frame = decodeFrame(packed)
      if (frame === 'unknown') continue
      if (frame === 'garbage') {
        this.#log.error('A peer sent a relay frame that no version sends; its link is closed.', {
          node: link.peer.node,
        })
        return link.close('malformed relay frame')
      }
      this.#handle(session, frame)
    }
  }

  #handle(session: Session, frame: RelayFrame): void {
    const peer = session.link.peer
    switch (frame.type) {
      case 'attach':
        return session.pacer.admit(frame.conversation, () => this.#attach(session, frame))
      case 'detach':
        session.pacer.cancel(frame.conversation)
        return this.#owner?.detach(peer.incarnation, frame.conversation)
      case 'submit':
        return this.#reply(session, frame.request, this.#owner?.submit(frame.conversation, frame.submission))
      case 'read':
        return session.pacer.admit(`read ${frame.request}`, () =>
          this.#reply(session, frame.request, this.#read(frame)),
        )
      case 'signal':
        return this.#owner?.signal(frame.conversation, frame.ephemeral)
      case 'announce':
        return this.#announced(frame.ownerships, peer)
      case 'ask':
        void this.#answer(frame.kind, frame.body, peer).then((answer) =>
          this.#send(session, { type: 'answer', request: frame.request, answer }),
        )
        return
      default:
        return session.remote.received(frame)
    }
  }

  #attach(session: Session, frame: Extract<RelayFrame, { type: 'attach' }>): void {
    const { attachment, conversation, after } = frame
    const sink = this.#sinkOf(session, attachment)
    const attaching: Promise<AttachReply> =
      this.#owner?.attach(session.link.peer.incarnation, conversation, after, sink) ??
      Promise.resolve({ kind: 'moved' })
    void attaching.then((reply) => {
      if (reply.kind === 'moved') sink.moved(conversation, reply)
      else if (reply.kind === 'refused') sink.ended(conversation, reply)
      else
        this.#send(session, { type: 'attached', attachment, conversation, epoch: reply.epoch, headSeq: reply.headSeq })
    })
  }

  #sinkOf(session: Session, attachment: number): OwnerSink {
    return {
      events: (conversation, epoch, records) => this.#sendEvents(session, attachment, conversation, epoch, records),
      ephemeral: (conversation, epoch, ephemeral) =>
        this.#send(session, { type: 'ephemeral', attachment, conversation, epoch, ephemeral }),
      status: (conversation, epoch, status) =>
        this.#send(session, { type: 'status', attachment, conversation, epoch, status }),
      moved: (conversation, moved) => this.#send(session, { type: 'moved', attachment, conversation, moved }),
      ended: (conversation, refusal) => this.#send(session, { type: 'ended', attachment, conversation, refusal }),
    }
  }

  #sendEvents(
    session: Session,
    attachment: number,
    conversation: ConversationId,
    epoch: Epoch,
    records: readonly EventRecord[],
  ): void {
    for (const part of partsOf(records, PACK_BYTES_MAX))
      session.outbox.send(encodeEvents(attachment, conversation, epoch, this.#encodeOnce(part)))
  }

  #encodeOnce(records: readonly EventRecord[]): Uint8Array {
    const { records: last, bytes } = this.#encoded
    const same = records.length === last.length && records[0] === last[0] && records.at(-1) === last.at(-1)
    if (same) return bytes
    this.#encoded = { records, bytes: encodeRecords(records) }
    return this.#encoded.bytes
  }

  async #read(frame: Extract<RelayFrame, { type: 'read' }>): Promise<RequestReply> {
    const reply = await this.#owner?.read(frame.conversation, frame.after, frame.limit)
    if (reply?.kind !== 'events') return reply ?? { kind: 'moved' }
    // "Up to `limit`": a page of very long events is cut short, and the reader asks for the rest.
    return { ...reply, records: partsOf(reply.records, READ_CHARACTERS_MAX)[0] ?? [] }
  }

  #reply(session: Session, request: number, reply: Promise<RequestReply> | undefined): void {
    void (reply ?? Promise.resolve<RequestReply>({ kind: 'moved' })).then((settled) =>
      this.#send(session, { type: 'reply', request, reply: settled }),
    )
  }

  async #answer(kind: string, body: unknown, from: Owner): Promise<AskOutcome> {
    const handler = this.#askHandlers.get(kind)
    if (!handler) return { kind: 'failed', reason: `This node does not answer questions of kind "${kind}".` }
    try {
      return { kind: 'answered', body: await handler(body, from) }
    } catch (error) {
      this.#log.error('Answering another node failed.', { question: kind, node: from.node, error: String(error) })
      return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  #announced(ownerships: readonly Ownership[], from: Owner): void {
    for (const listener of this.#announceListeners) listener(ownerships, from)
  }

  #send(session: Session, frame: RelayFrame): void {
    session.outbox.send(encodeFrame(frame))
  }
}

/** Cuts a range into consecutive ones of about `charactersMax`, each with one record at least. */
function partsOf(records: readonly EventRecord[], charactersMax: number): readonly (readonly EventRecord[])[] {
  const parts: EventRecord[][] = []
  let characters = Number.POSITIVE_INFINITY
  for (const record of records) {
    characters += record.json.length + 100
    if (characters > charactersMax) {
      parts.push([])
      characters = record.json.length + 100
    }
    parts.at(-1)?.push(record)
  }
  return parts
}
