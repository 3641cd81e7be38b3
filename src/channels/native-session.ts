import type { Cancel } from '../base/clock.ts'
import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Seq } from '../base/ids.ts'
import { REFUSALS, type Refusal, refuse } from '../base/refusals.ts'
import { isStaff } from '../conversation/state.ts'
import { decodeClientFrame } from '../protocol/client-frame-schema.ts'
import type { ClientFrame, ServerFrame } from '../protocol/client-frames.ts'
import type { CloseCode } from '../protocol/close-codes.ts'
import type { Attachment, Ephemeral, SubmitReply, Subscriber } from '../protocol/conversation-port.ts'
import { type Claims, mayReach, senderOf } from '../protocol/tokens.ts'
import { commonVersion } from '../protocol/versions.ts'
import type { ClientSocket } from './client-socket.ts'
import type { NativeChannelPorts, NativeChannelSettings } from './native-channel.ts'
import { RateLimiter } from './rate-limiter.ts'

/** What may come after the hello. */
type LaterFrame = Exclude<ClientFrame, { type: 'hello' }>
type Frame<Type extends ClientFrame['type']> = Extract<ClientFrame, { type: Type }>

interface Open {
  attachment: Attachment | undefined
  /** Submissions without an answer. */
  unanswered: number
  /** The events of this tick, as JSON texts. */
  texts: string[]
}

/** Tells the channel what concerns it. */
export interface SessionListener {
  /** The client said who it is. `false`: a later socket of the same page load is here already. */
  greeted(): boolean
  over(): void
}

// Submissions of one conversation without an answer; a client that sends more waits for none of them.
const UNANSWERED_MAX = 64
const CONVERSATIONS_MAX = 256
// So many times the allowed rate is no enthusiasm but a fault or an attack.
const FLOOD_FACTOR = 10
const EPHEMERALS_PER_SECOND = 5
const SILENT_HEARTBEATS = 2

/**
 * One socket of one client.
 *
 *   opened --hello--> greeting --good token--> welcome --close, silence, flood--> over
 *      |                 |  (an unknown key: the keys are read once)
 *      +--- 4400, 4401 --+
 *
 * Frames that come while the keys are read wait. Whatever is delivered was allowed by the token of this socket (AC1).
 */
export class NativeSession implements Subscriber {
  readonly #ports: NativeChannelPorts
  readonly #settings: NativeChannelSettings
  readonly #socket: ClientSocket
  readonly #listener: SessionListener
  readonly #open = new Map<ConversationId, Open>()
  readonly #messages: RateLimiter
  readonly #ephemerals: RateLimiter
  readonly #frames: RateLimiter
  #phase: 'opened' | 'greeting' | 'welcome' | 'over' = 'opened'
  #early: LaterFrame[] = []
  #claims: Claims | undefined
  #hello: Frame<'hello'> | undefined
  #heardMs: number
  #pingedMs: number
  #flushing = false
  #cancelDeadline: Cancel

  constructor(
    ports: NativeChannelPorts,
    settings: NativeChannelSettings,
    socket: ClientSocket,
    listener: SessionListener,
  ) {
    const now = ports.clock.monotonicMs()
    this.#ports = ports
    this.#settings = settings
    this.#socket = socket
    this.#listener = listener
    this.#messages = new RateLimiter(settings.messagesPerSecond, settings.messagesPerSecond * 2, now)
    this.#ephemerals = new RateLimiter(EPHEMERALS_PER_SECOND, EPHEMERALS_PER_SECOND * 2, now)
    const framesPerSecond = settings.messagesPerSecond * FLOOD_FACTOR
    this.#frames = new RateLimiter(framesPerSecond, framesPerSecond * 2, now)
    this.#heardMs = now
    this.#pingedMs = now
    this.#cancelDeadline = ports.clock.after(settings.helloWithinMs, () =>
      this.#refuseSocket(4401, 'no hello came in time'),
    )
  }

  /** Names the page load behind this socket. */
  get pageLoad(): string {
    return `${this.#claims?.subject ?? ''}\n${this.#hello?.instance ?? ''}`
  }

  get connection(): number {
    return this.#hello?.connection ?? 0
  }

  message(source: string | undefined): void {
    if (this.#phase === 'over') return
    this.#heardMs = this.#ports.clock.monotonicMs()
    if (!this.#frames.take(this.#heardMs)) return this.#refuseSocket(4429, 'far too many frames')
    if (source === undefined) return this.#refuseSocket(4400, 'binary frames are not part of the protocol')
    const decoded = decodeClientFrame(source)
    if (decoded.kind === 'refused') {
      this.#refused(decoded)
      return this.#refuseSocket(4400, decoded.detail ?? decoded.code)
    }
    this.#take(decoded.frame)
  }

  closed(): void {
    this.#end()
  }

  send(frame: ServerFrame): void {
    this.#write(JSON.stringify(frame))
  }

  close(code: CloseCode, reason: string): void {
    if (this.#phase === 'over') return
    this.#flush()
    this.#end()
    this.#socket.close(code, reason)
  }

  /** Called twice in a heartbeat. */
  checkHeartbeat(): void {
    const now = this.#ports.clock.monotonicMs()
    const { heartbeatMs } = this.#settings
    if (now - this.#heardMs > heartbeatMs * SILENT_HEARTBEATS)
      return this.close(4408, 'nothing came for two heartbeats')
    if (now - this.#pingedMs < heartbeatMs || this.#phase !== 'welcome') return
    this.#pingedMs = now
    this.send({ type: 'ping' })
  }

  events(conversation: ConversationId, records: readonly EventRecord[]): void {
    const open = this.#open.get(conversation)
    if (!open) return
    const seesAll = this.#claims !== undefined && isStaff(senderOf(this.#claims).role)
    for (const { audience, seq, json } of records)
      open.texts.push(seesAll || audience === 'everyone' ? json : `{"type":"skip","seq":${seq}}`)
    this.#ports.metrics.count('deliveries', records.length)
    this.#flushSoon()
  }

  ephemeral(conversation: ConversationId, ephemeral: Ephemeral): void {
    if (this.#claims && ephemeral.from !== this.#claims.subject) this.send({ ...ephemeral, conversation })
  }

  status(conversation: ConversationId, status: 'live' | 'resuming' | 'store-unavailable'): void {
    this.#flush()
    this.send({ type: 'status', conversation, status })
  }

  ended(conversation: ConversationId, { code }: Refusal): void {
    this.#flush()
    this.#open.delete(conversation)
    this.send({ type: 'ended', conversation, code })
  }

  #take(frame: ClientFrame): void {
    if (frame.type === 'hello') {
      if (this.#phase !== 'opened') return this.#refuseSocket(4400, 'a socket has one hello')
      return this.#greet(frame)
    }
    if (this.#phase === 'opened') return this.#refuseSocket(4400, 'the first frame is hello')
    if (this.#phase === 'greeting') this.#early.push(frame)
    else this.#handle(frame)
  }

  #greet(hello: Frame<'hello'>): void {
    this.#cancelDeadline()
    this.#hello = hello
    this.#phase = 'greeting'
    const version = commonVersion(hello.versions)
    if (version === undefined) {
      this.#refused(refuse('version-unsupported'))
      return this.#refuseSocket(4406, 'no protocol version in common')
    }
    this.#withClaims(hello.token, (claims, expiresAtMs) => this.#welcome(hello, version, claims, expiresAtMs))
  }

  /** Verifies a token; an unknown key is looked up once, and a store that is away is no fault of the token. */
  #withClaims(token: string, proceed: (claims: Claims, expiresAtMs: number) => void): void {
    const { tokens } = this.#ports
    const verdict = tokens.verify(token)
    if (verdict.kind === 'good') return proceed(verdict.claims, verdict.expiresAtMs)
    if (verdict.kind === 'bad') return this.#refuseToken(verdict.code)
    void tokens.refreshKeys().then((read) => {
      if (this.#phase === 'over') return
      const again = tokens.verify(token)
      if (again.kind === 'good') return proceed(again.claims, again.expiresAtMs)
      if (again.kind === 'bad' || read) return this.#refuseToken(again.kind === 'bad' ? again.code : 'token-invalid')
      this.#refused(refuse('store-unavailable', { retryAfterMs: 1000 }))
      this.#refuseSocket(1013, 'the keys cannot be read now')
    })
  }

  #refuseToken(code: 'token-invalid' | 'token-expired'): void {
    this.#refused(refuse(code))
    this.#refuseSocket(4401, code)
  }

  #welcome(hello: Frame<'hello'>, version: number, claims: Claims, expiresAtMs: number): void {
    this.#claims = claims
    if (!this.#listener.greeted()) return this.close(4409, 'a later socket of this page load is here already')
    this.#phase = 'welcome'
    this.#expireAt(expiresAtMs)
    const { node, heartbeatMs, frameBytes, textLength } = this.#settings
    const limits = { frameBytes, textLength }
    this.send({ type: 'welcome', node, version, heartbeatMs, limits, addresses: this.#settings.addresses() })
    for (const { conversation, after } of hello.resume) this.#attach(conversation, after)
    const early = this.#early
    this.#early = []
    for (const frame of early) this.#handle(frame)
  }

  #expireAt(expiresAtMs: number): void {
    this.#cancelDeadline()
    const delayMs = Math.min(Math.max(0, expiresAtMs - this.#ports.clock.wallMs()), 2 ** 31 - 1)
    this.#cancelDeadline = this.#ports.clock.after(delayMs, () => this.#refuseToken('token-expired'))
  }

  #handle(frame: LaterFrame): void {
    switch (frame.type) {
      case 'attach':
        return this.#attach(frame.conversation, frame.after)
      case 'detach':
        return this.#detach(frame.conversation)
      case 'send':
        return this.#submit(frame)
      case 'typing':
        return this.#signal(frame.conversation, (from) => ({ type: 'typing', from, on: frame.on }))
      case 'seen':
        return this.#signal(frame.conversation, (from) => ({ type: 'seen', from, seq: frame.seq }))
      case 'refresh':
        return this.#refresh(frame.token)
      case 'ping':
        return this.send({ type: 'pong' })
      case 'pong':
        return
    }
  }

  #attach(conversation: ConversationId, after: Seq): void {
    const claims = this.#claims
    if (!claims || !mayReach(claims, conversation)) return this.#refused(refuse('not-allowed'), conversation)
    if (!this.#open.has(conversation) && this.#open.size >= CONVERSATIONS_MAX)
      return this.#refused(refuse('rate-limited', { retryAfterMs: 1000 }), conversation)
    this.#detach(conversation)
    const open: Open = { attachment: undefined, unanswered: 0, texts: [] }
    this.#open.set(conversation, open)
    const join = () => {
      if (this.#open.get(conversation) !== open) return
      open.attachment = this.#ports.conversations.attach(conversation, after, this)
    }
    if (claims.kind === 'visitor' && after === 0) void this.#openFor(claims, conversation, open, join)
    else join()
  }

  /** A visitor's conversation exists once it is looked at: opening it again is the same opening. */
  async #openFor(claims: Claims, conversation: ConversationId, open: Open, join: () => void): Promise<void> {
    const command = { type: 'open', mode: this.#settings.mode } as const
    const reply = await this.#ports.conversations.submit(conversation, {
      sender: senderOf(claims),
      key: 'open',
      command,
    })
    if (this.#open.get(conversation) !== open) return
    // `key-reused`: it was opened with other words, by REST; it is open all the same.
    if (reply.kind === 'ack' || reply.code === 'key-reused' || reply.code === 'already-joined') return join()
    this.#open.delete(conversation)
    this.#refused(reply, conversation)
  }

  #detach(conversation: ConversationId): void {
    this.#open.get(conversation)?.attachment?.detach()
    this.#open.delete(conversation)
  }

  #submit(frame: Frame<'send'>): void {
    const { conversation, key, n, floor } = frame
    const claims = this.#claims
    if (!claims || !mayReach(claims, conversation)) return this.#refused(refuse('not-allowed'), conversation, key)
    const now = this.#ports.clock.monotonicMs()
    if (!this.#messages.take(now))
      return this.#refused(refuse('rate-limited', { retryAfterMs: this.#messages.waitMs() }), conversation, key)
    const open = this.#open.get(conversation)
    if (open && open.unanswered >= UNANSWERED_MAX)
      return this.#refused(refuse('busy', { retryAfterMs: 250 }), conversation, key)
    if (open) open.unanswered += 1
    const origin = { instance: frame.instance ?? this.#hello?.instance ?? '', n, floor }
    const submission = { sender: senderOf(claims), key, origin, command: frame.body }
    void this.#ports.conversations.submit(conversation, submission).then((reply) => {
      if (open) open.unanswered -= 1
      this.#answer(conversation, key, reply)
    })
  }

  #answer(conversation: ConversationId, key: string, reply: SubmitReply): void {
    if (this.#phase === 'over') return
    if (reply.kind === 'ack') this.send({ type: 'ack', conversation, key, seq: reply.seq })
    else this.#refused(reply, conversation, key)
  }

  #signal(conversation: ConversationId, made: (from: string) => Ephemeral): void {
    const claims = this.#claims
    if (!claims || !this.#open.has(conversation) || !this.#ephemerals.take(this.#ports.clock.monotonicMs())) return
    this.#ports.conversations.signal(conversation, made(claims.subject))
  }

  /** A fresh token for the same person; what it allows must not be less than what is open. */
  #refresh(token: string): void {
    this.#withClaims(token, (claims, expiresAtMs) => {
      const same = claims.subject === this.#claims?.subject && claims.kind === this.#claims.kind
      if (!same) return this.#refuseToken('token-invalid')
      this.#claims = claims
      this.#expireAt(expiresAtMs)
      for (const conversation of [...this.#open.keys()])
        if (!mayReach(claims, conversation)) {
          this.#detach(conversation)
          this.#refused(refuse('not-allowed'), conversation)
        }
    })
  }

  #refused({ code, retryAfterMs, detail }: Refusal, conversation?: ConversationId, key?: string): void {
    this.send({
      type: 'refused',
      ...(conversation !== undefined && { conversation }),
      ...(key !== undefined && { key }),
      code,
      definite: REFUSALS[code].definite,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(detail !== undefined && { detail }),
    })
  }

  #refuseSocket(code: CloseCode, reason: string): void {
    if (this.#phase === 'over') return
    this.#ports.metrics.count('sockets_refused')
    this.close(code, reason)
  }

  /** Everything that this turn brings to a conversation travels in one frame. */
  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#ports.clock.after(0, () => {
      this.#flushing = false
      this.#flush()
    })
  }

  #flush(): void {
    for (const [conversation, open] of this.#open) {
      if (open.texts.length === 0) continue
      const texts = open.texts
      open.texts = []
      this.#write(`{"type":"events","conversation":"${conversation}","events":[${texts.join(',')}]}`)
    }
  }

  #write(text: string): void {
    if (this.#phase === 'over') return
    this.#socket.send(text)
    if (this.#socket.queuedBytes <= this.#settings.sendQueueBytes) return
    this.#end()
    this.#ports.metrics.count('sockets_refused')
    this.#socket.close(4413, 'the client does not take its events')
  }

  #end(): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#cancelDeadline()
    for (const conversation of [...this.#open.keys()]) this.#detach(conversation)
    this.#listener.over()
  }
}
