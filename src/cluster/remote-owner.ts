import type { Cancel, Clock } from '../base/clock.ts'
import type { ConversationId, Seq } from '../base/ids.ts'
import { refuse } from '../base/refusals.ts'
import type {
  AttachReply,
  Ephemeral,
  Moved,
  OwnerSink,
  ReadReply,
  Submission,
  SubmitReply,
} from '../protocol/conversation-port.ts'
import type { OwnerAccess } from './owner-access.ts'
import type { AskOutcome, RelayFrame, RequestReply } from './relay-frames.ts'

/** How long answers may take and how many may be awaited, per peer. */
export interface RemoteOwnerLimits {
  /** `attach`, `read` and `ask`. */
  readonly timeoutMs: number
  /** `submit` waits for a durable append, so it gets longer; a submission given up is sent again by its key. */
  readonly submitTimeoutMs: number
  readonly pendingMax: number
}

type AnswerFrame = Extract<
  RelayFrame,
  { type: 'attached' | 'moved' | 'ended' | 'events' | 'status' | 'ephemeral' | 'reply' | 'answer' }
>

interface Attached {
  readonly attachment: number
  readonly sink: OwnerSink
  /** Present until the owner answered. */
  settle: ((reply: AttachReply) => void) | undefined
  readonly deadlineMs: number
}

interface Pending<Reply> {
  readonly settle: (reply: Reply) => void
  readonly deadlineMs: number
}

const SWEEP_MS = 100
const MOVED: Moved = { kind: 'moved' }

/**
 * A chat node at the other end of a link. Whatever it does not answer, because it is slow, gone or cut off, is
 * answered here with `moved`: ask somebody else, with the same key.
 */
export class RemoteOwner implements OwnerAccess {
  readonly #clock: Clock
  readonly #limits: RemoteOwnerLimits
  readonly #send: (frame: RelayFrame) => void
  readonly #attached = new Map<ConversationId, Attached>()
  readonly #requests = new Map<number, Pending<RequestReply>>()
  readonly #asks = new Map<number, Pending<AskOutcome>>()
  #numbers = 0
  #sweep: Cancel | undefined

  constructor(options: { clock: Clock; limits: RemoteOwnerLimits; send: (frame: RelayFrame) => void }) {
    this.#clock = options.clock
    this.#limits = options.limits
    this.#send = options.send
  }

  attach(conversation: ConversationId, after: Seq, sink: OwnerSink): Promise<AttachReply> {
    this.#attached.get(conversation)?.settle?.(MOVED)
    const attachment = this.#nextNumber()
    return new Promise((settle) => {
      this.#attached.set(conversation, { attachment, sink, settle, deadlineMs: this.#deadline(this.#limits.timeoutMs) })
      this.#send({ type: 'attach', attachment, conversation, after })
    })
  }

  detach(conversation: ConversationId): void {
    const attached = this.#attached.get(conversation)
    if (!attached) return
    this.#attached.delete(conversation)
    attached.settle?.(MOVED)
    this.#send({ type: 'detach', attachment: attached.attachment, conversation })
  }

  submit(conversation: ConversationId, submission: Submission): Promise<SubmitReply | Moved> {
    const frame = (request: number): RelayFrame => ({ type: 'submit', request, conversation, submission })
    return this.#request(frame, this.#limits.submitTimeoutMs).then((reply) => (reply.kind === 'events' ? MOVED : reply))
  }

  read(conversation: ConversationId, after: Seq, limit: number): Promise<ReadReply | Moved> {
    const frame = (request: number): RelayFrame => ({ type: 'read', request, conversation, after, limit })
    return this.#request(frame, this.#limits.timeoutMs).then((reply) => (reply.kind === 'ack' ? MOVED : reply))
  }

  signal(conversation: ConversationId, ephemeral: Ephemeral): void {
    this.#send({ type: 'signal', conversation, ephemeral })
  }

  /** Puts a question to the handler of that kind on the other node. */
  ask(kind: string, body: unknown, timeoutMs = this.#limits.timeoutMs): Promise<AskOutcome> {
    if (this.#asks.size >= this.#limits.pendingMax)
      return Promise.resolve({ kind: 'failed', reason: 'Too many questions to that node are unanswered.' })
    const request = this.#nextNumber()
    return new Promise((settle) => {
      this.#asks.set(request, { settle, deadlineMs: this.#deadline(timeoutMs) })
      this.#send({ type: 'ask', request, kind, body })
    })
  }

  /** A frame of the owner. Frames of attachments and requests that are over are dropped. */
  received(frame: AnswerFrame): void {
    if (frame.type === 'reply') return this.#settle(this.#requests, frame.request, frame.reply)
    if (frame.type === 'answer') return this.#settle(this.#asks, frame.request, frame.answer)
    const attached = this.#attached.get(frame.conversation)
    if (attached?.attachment === frame.attachment) this.#deliver(attached, frame)
  }

  /** The link closed or its peer is suspect: everything that waits is to be asked elsewhere. */
  down(reason: string): void {
    this.#sweep?.()
    this.#sweep = undefined
    for (const [conversation, attached] of [...this.#attached]) this.#abandon(conversation, attached)
    for (const request of [...this.#requests.keys()]) this.#settle(this.#requests, request, MOVED)
    for (const request of [...this.#asks.keys()]) this.#settle(this.#asks, request, { kind: 'failed', reason })
  }

  #deliver(attached: Attached, frame: Exclude<AnswerFrame, { type: 'reply' | 'answer' }>): void {
    const { conversation } = frame
    const { settle, sink } = attached
    switch (frame.type) {
      case 'attached':
        attached.settle = undefined
        return settle?.({ kind: 'attached', epoch: frame.epoch, headSeq: frame.headSeq })
      case 'events':
        return sink.events(conversation, frame.epoch, frame.records)
      case 'status':
        return sink.status(conversation, frame.epoch, frame.status)
      case 'ephemeral':
        return sink.ephemeral(conversation, frame.epoch, frame.ephemeral)
      case 'moved':
        this.#attached.delete(conversation)
        return settle ? settle(frame.moved) : sink.moved(conversation, frame.moved)
      case 'ended':
        this.#attached.delete(conversation)
        return settle ? settle(frame.refusal) : sink.ended(conversation, frame.refusal)
    }
  }

  /** The other side is told, in case it lives after all, so that it stops sending what nobody takes. */
  #abandon(conversation: ConversationId, { attachment, settle, sink }: Attached): void {
    this.#attached.delete(conversation)
    this.#send({ type: 'detach', attachment, conversation })
    if (settle) settle(MOVED)
    else sink.moved(conversation, MOVED)
  }

  #request(frame: (request: number) => RelayFrame, timeoutMs: number): Promise<RequestReply> {
    if (this.#requests.size >= this.#limits.pendingMax)
      return Promise.resolve(refuse('busy', { retryAfterMs: this.#limits.timeoutMs }))
    const request = this.#nextNumber()
    return new Promise((settle) => {
      this.#requests.set(request, { settle, deadlineMs: this.#deadline(timeoutMs) })
      this.#send(frame(request))
    })
  }

  #settle<Reply>(waiting: Map<number, Pending<Reply>>, request: number, reply: Reply): void {
    const pending = waiting.get(request)
    waiting.delete(request)
    pending?.settle(reply)
  }

  #nextNumber(): number {
    this.#numbers = (this.#numbers + 1) % 2 ** 32
    return this.#numbers
  }

  /** One timer looks after all that wait: a timer per message would cost more than the message. */
  #deadline(timeoutMs: number): number {
    this.#sweep ??= this.#clock.after(SWEEP_MS, () => this.#sweepNow())
    return this.#clock.monotonicMs() + timeoutMs
  }

  #sweepNow(): void {
    this.#sweep = undefined
    const now = this.#clock.monotonicMs()
    let waiting = false
    for (const [conversation, attached] of [...this.#attached]) {
      if (!attached.settle) continue
      if (attached.deadlineMs <= now) this.#abandon(conversation, attached)
      else waiting = true
    }
    for (const [request, { deadlineMs }] of this.#requests)
      if (deadlineMs <= now) this.#settle(this.#requests, request, MOVED)
    for (const [request, { deadlineMs }] of this.#asks)
      if (deadlineMs <= now) this.#settle(this.#asks, request, { kind: 'failed', reason: 'It did not answer in time.' })
    if (waiting || this.#requests.size + this.#asks.size > 0)
      this.#sweep ??= this.#clock.after(SWEEP_MS, () => this.#sweepNow())
  }
}
