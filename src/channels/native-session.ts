import type { Cancel } from '../base/clock.ts'
import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Seq } from '../base/ids.ts'
import { REFUSALS, type Refusal, refuse } from '../base/refusals.ts'
import { isStaff } from '../conversation/state.ts'
import { decodeClientFrame, type FrameRefusal, RESUME_MAX } from '../protocol/client-frame-schema.ts'
import type { ClientFrame, ServerFrame } from '../protocol/client-frames.ts'
import type { CloseCode } from '../protocol/close-codes.ts'
import type { ConversationStatus, Ephemeral, SubmitReply, Subscriber } from '../protocol/conversation-port.ts'
import { type Claims, mayReach, senderOf } from '../protocol/tokens.ts'
import { commonVersion } from '../protocol/versions.ts'
import type { ClientSocket } from './client-socket.ts'
import { ConversationView, type SendFrame } from './conversation-view.ts'
import { judgePulse } from './heartbeat-decision.ts'
import type { NativeChannelPorts, NativeChannelSettings } from './native-settings.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { TokenCheck, TokenJudgement } from './token-check.ts'

type Hello = Extract<ClientFrame, { type: 'hello' }>
type LaterFrame = Exclude<ClientFrame, Hello>

/** What all sessions of a channel share, and what the channel wants to hear of them. */
export interface SessionSurroundings extends NativeChannelPorts {
  readonly settings: NativeChannelSettings
  readonly tokenCheck: TokenCheck
  /** The client said who it is. `false`: a later socket of the same page load is here already. */
  greeted(session: NativeSession): boolean
  /** There is something to write at the end of this tick. */
  dirty(session: NativeSession): void
  over(session: NativeSession): void
}

// Commands without an answer; the client library keeps to half of it.
const UNANSWERED_MAX = 64
const EARLY_MAX = 64
// So many times the allowed rate is no enthusiasm but a fault or an attack.
const FLOOD_FACTOR = 10
const EPHEMERALS_PER_SECOND = 5
const DRAIN_POLL_MS = 20
const TIMER_MS_MAX = 2 ** 31 - 1

/**
 * One socket of one client.
 *
 *   opened --hello--> greeting --good token--> welcome --close, silence, flood, too slow--> over
 *      |                 |  (an unknown key: the keys are read once)
 *      +-- 4400, 4401 ---+
 *
 * Frames that come while the keys are read wait. Whatever is delivered was allowed by the token of this socket (AC1).
 */
export class NativeSession implements Subscriber {
  readonly #around: SessionSurroundings
  readonly #socket: ClientSocket
  readonly #views = new Map<ConversationId, ConversationView>()
  readonly #messages: RateLimiter
  readonly #ephemerals: RateLimiter
  readonly #frames: RateLimiter
  #phase: 'opened' | 'greeting' | 'welcome' | 'over' = 'opened'
  #early: LaterFrame[] = []
  #claims: Claims | undefined
  #hello: Hello | undefined
  #pulse: { heardMs: number; askedMs: number }
  #unanswered = 0
  /** Frames for the end of this tick, behind its events. */
  #outgoing: string[] = []
  #cancelDeadline: Cancel
  #cancelDrain: Cancel | undefined
  /** The least that was queued since the socket had no room, and since when it is not less. */
  #stuck: { bytes: number; sinceMs: number } | undefined

  constructor(around: SessionSurroundings, socket: ClientSocket) {
    const { clock, settings } = around
    const now = clock.monotonicMs()
    this.#around = around
    this.#socket = socket
    this.#messages = limiter(settings.messagesPerSecond, now)
    this.#ephemerals = limiter(EPHEMERALS_PER_SECOND, now)
    this.#frames = limiter(settings.messagesPerSecond * FLOOD_FACTOR, now)
    this.#pulse = { heardMs: now, askedMs: now }
    this.#cancelDeadline = clock.after(settings.helloWithinMs, () => this.#refuseLate())
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
    const now = this.#around.clock.monotonicMs()
    this.#pulse.heardMs = now
    if (!this.#frames.take(now)) return this.#refuseSocket(4429, 'far too many frames')
    if (source === undefined) return this.#refuseSocket(4400, 'binary frames are not part of the protocol')
    const decoded = decodeClientFrame(source)
    if (decoded.kind === 'refused') this.#undecoded(decoded)
    else this.#take(decoded.frame)
  }

  closed(): void {
    this.#end()
  }

  send(frame: ServerFrame): void {
    this.#write(JSON.stringify(frame))
  }

  close(code: CloseCode, reason: string): void {
    if (this.#phase === 'over') return
    this.flush()
    this.#cut(code, reason)
  }

  /** Asks the client to go elsewhere. Who is not welcome yet is asked with its welcome, while the node still leaves. */
  goaway(frame: Extract<ServerFrame, { type: 'goaway' }>): void {
    if (this.#phase === 'welcome') this.send(frame)
  }

  /** Called twice in a heartbeat. */
  checkHeartbeat(): void {
    const now = this.#around.clock.monotonicMs()
    const verdict = judgePulse(this.#pulse, now, this.#around.settings.heartbeatMs)
    if (verdict === 'silent') return this.close(4408, 'nothing came for two heartbeats')
    if (this.#claims && this.#around.tokens.ended?.(this.#claims)) return this.#refuseEnded()
    if (verdict === 'fine' || this.#phase !== 'welcome') return
    this.#pulse.askedMs = now
    this.send({ type: 'ping' })
  }

  events(conversation: ConversationId, records: readonly EventRecord[]): void {
    const view = this.#views.get(conversation)
    if (!view) return
    const { sendQueueBytes } = this.#around.settings
    view.owe(records)
    if (view.owedCharacters > sendQueueBytes) view.fallBehind(sendQueueBytes / 2)
    this.#around.dirty(this)
  }

  ephemeral(conversation: ConversationId, ephemeral: Ephemeral): void {
    if (ephemeral.from !== this.#claims?.subject) this.#later({ ...ephemeral, conversation })
  }

  status(conversation: ConversationId, status: ConversationStatus): void {
    this.#later({ type: 'status', conversation, status })
  }

  ended(conversation: ConversationId, { code }: Refusal): void {
    const view = this.#views.get(conversation)
    if (!view) return
    this.flush()
    this.#views.delete(conversation)
    this.#later({ type: 'ended', conversation, code })
  }

  /**
   * Writes what this tick brought. Events are written while the socket has room; what is left waits until it drains,
   * and a client that takes nothing for too long is cut and resumes from its last event.
   */
  flush(): void {
    if (this.#phase === 'over') return
    for (const view of this.#views.values()) this.#flushView(view)
    for (const text of this.#outgoing.splice(0)) this.#write(text)
    const behind = [...this.#views.values()].some((view) => view.owes || view.lagging)
    if (!behind) this.#stuck = undefined
    else this.#cancelDrain ??= this.#around.clock.after(DRAIN_POLL_MS, () => this.#drained())
  }

  get #hasRoom(): boolean {
    return this.#socket.queuedBytes <= this.#around.settings.sendQueueBytes / 2
  }

  get #seesAll(): boolean {
    return this.#claims !== undefined && isStaff(senderOf(this.#claims).role)
  }

  #flushView(view: ConversationView): void {
    while (view.owes && this.#hasRoom && this.#phase !== 'over') {
      const { text, events } = view.takeFrame(this.#seesAll)
      this.#around.metrics.count('deliveries', events)
      this.#write(text)
    }
    if (!view.lagging || view.owes || !this.#hasRoom || this.#phase === 'over') return
    view.lagging = false
    this.#join(view)
  }

  #drained(): void {
    this.#cancelDrain = undefined
    const now = this.#around.clock.monotonicMs()
    const bytes = this.#socket.queuedBytes
    if (!this.#stuck || bytes < this.#stuck.bytes) this.#stuck = { bytes, sinceMs: now }
    if (now - this.#stuck.sinceMs > this.#around.settings.slowMs)
      return this.#refuseSocket(4413, 'the client does not take its events')
    this.flush()
  }

  #later(frame: ServerFrame): void {
    this.#outgoing.push(JSON.stringify(frame))
    this.#around.dirty(this)
  }

  #write(text: string): void {
    if (this.#phase === 'over') return
    this.#socket.send(text)
    if (this.#socket.queuedBytes <= this.#around.settings.sendQueueBytes) return
    this.#around.metrics.count('sockets_refused')
    this.#cut(4413, 'the client does not take what it is sent')
  }

  /** Keys that cannot be read in time are no fault of a token. */
  #refuseLate(): void {
    if (this.#phase === 'opened') this.#refuseSocket(4401, 'no hello came in time')
    else this.#refuseSocket(1013, 'the keys cannot be read now')
  }

  /** Whoever is behind this socket was signed out, or its key was revoked. */
  #refuseEnded(): void {
    this.#refused(refuse('token-expired'))
    this.#refuseSocket(4401, 'token-expired')
  }

  #undecoded(refusal: FrameRefusal): void {
    const { about, foreign } = refusal
    this.#refused(refusal, about?.conversation, about?.key)
    if (foreign || this.#phase !== 'welcome') this.#refuseSocket(4400, refusal.detail ?? refusal.code)
  }

  #take(frame: ClientFrame): void {
    if (frame.type === 'hello') {
      if (this.#phase === 'opened') return this.#greet(frame)
      return this.#refuseSocket(4400, 'a socket has one hello')
    }
    if (this.#phase === 'opened') return this.#refuseSocket(4400, 'the first frame is hello')
    if (this.#phase === 'welcome') return this.#handle(frame)
    if (this.#early.push(frame) > EARLY_MAX) this.#refuseSocket(4429, 'too many frames before the welcome')
  }

  #greet(hello: Hello): void {
    this.#hello = hello
    this.#phase = 'greeting'
    const version = commonVersion(hello.versions)
    if (version === undefined) {
      this.#refused(refuse('version-unsupported'))
      return this.#refuseSocket(4406, 'no protocol version in common')
    }
    this.#around.tokenCheck.check(hello.token, (judgement) => {
      if (this.#phase !== 'greeting') return
      if (judgement.kind === 'good') return this.#welcome(hello, version, judgement)
      this.#refused(judgement.kind === 'bad' ? refuse(judgement.code) : refuse('store-unavailable'))
      if (judgement.kind === 'bad') this.#refuseSocket(4401, judgement.code)
      else this.#refuseSocket(1013, 'the keys cannot be read now')
    })
  }

  #welcome(hello: Hello, version: number, good: Extract<TokenJudgement, { kind: 'good' }>): void {
    this.#claims = good.claims
    if (!this.#around.greeted(this)) return this.close(4409, 'a later socket of this page load is here already')
    this.#phase = 'welcome'
    this.#expireAt(good.expiresAtMs)
    const { node, heartbeatMs, frameBytes, textLength, addresses, leavesWithinMs } = this.#around.settings
    const limits = { frameBytes, textLength }
    this.send({ type: 'welcome', node, version, heartbeatMs, limits, addresses: addresses() })
    for (const { conversation, after } of hello.resume) this.#attach(conversation, after)
    const withinMs = leavesWithinMs()
    if (withinMs !== undefined) this.send({ type: 'goaway', withinMs })
    for (const frame of this.#early.splice(0)) this.#handle(frame)
  }

  /** The token ends: the client is told, and has a while to bring another one. */
  #expireAt(expiresAtMs: number): void {
    const { clock, settings } = this.#around
    const leftMs = Math.max(0, expiresAtMs - clock.wallMs())
    this.#cancelDeadline()
    this.#cancelDeadline = clock.after(Math.min(leftMs, TIMER_MS_MAX), () => {
      if (leftMs > TIMER_MS_MAX) return this.#expireAt(expiresAtMs)
      this.#refused(refuse('token-expired'))
      this.#cancelDeadline = clock.after(settings.tokenGraceMs, () => this.#refuseSocket(4401, 'token-expired'))
    })
  }

  #handle(frame: LaterFrame): void {
    if (this.#phase === 'over') return
    switch (frame.type) {
      case 'attach':
        return this.#attach(frame.conversation, frame.after)
      case 'detach':
        return this.#detach(frame.conversation)
      case 'send':
        return this.#sendFrame(frame)
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
    this.#detach(conversation)
    if (this.#views.size >= RESUME_MAX) return this.#refused(refuse('busy', { retryAfterMs: 1000 }), conversation)
    const view = new ConversationView(conversation, after)
    this.#views.set(conversation, view)
    if (claims.kind === 'visitor' && after === 0) void this.#openFor(claims, view)
    else this.#join(view)
  }

  #join(view: ConversationView): void {
    view.attachment = this.#around.conversations.attach(view.conversation, view.lastSeq, this)
  }

  /** A visitor's conversation exists once it is looked at: opening it again is the same opening. */
  async #openFor(claims: Claims, view: ConversationView): Promise<void> {
    view.held = []
    const { conversations, settings } = this.#around
    const { topic, email } = claims.kind === 'visitor' ? claims : {}
    const about = { ...(topic !== undefined && { subject: topic }), ...(email !== undefined && { email }) }
    const command = { type: 'open', mode: settings.mode, ...about } as const
    const reply = await conversations.submit(view.conversation, { sender: senderOf(claims), key: 'open', command })
    const held = view.held
    view.held = undefined
    if (this.#views.get(view.conversation) !== view) return
    const refusal = whyAbsent(reply)
    if (refusal) {
      this.#views.delete(view.conversation)
      this.#refused(refusal, view.conversation)
      for (const { key } of held) this.#answer(view.conversation, key, refusal)
    } else {
      this.#join(view)
      for (const frame of held) this.#submit(frame)
    }
  }

  #detach(conversation: ConversationId): void {
    const view = this.#views.get(conversation)
    if (!view) return
    view.detach()
    this.#views.delete(conversation)
    // What waits for the opening was not sent yet; the client sends it again.
    for (const { key } of view.held ?? []) this.#answer(conversation, key, refuse('busy', { retryAfterMs: 250 }))
  }

  #sendFrame(frame: SendFrame): void {
    const { conversation, key } = frame
    const claims = this.#claims
    if (!claims || !mayReach(claims, conversation)) return this.#refused(refuse('not-allowed'), conversation, key)
    const refusal = this.#admission()
    if (refusal) return this.#refused(refusal, conversation, key)
    this.#unanswered += 1
    const held = this.#views.get(conversation)?.held
    if (held) held.push(frame)
    else this.#submit(frame)
  }

  #admission(): Refusal | undefined {
    if (this.#unanswered >= UNANSWERED_MAX) return refuse('busy', { retryAfterMs: 250 })
    if (this.#messages.take(this.#around.clock.monotonicMs())) return undefined
    return refuse('rate-limited', { retryAfterMs: this.#messages.waitMs() })
  }

  /** Commands of one client go to the port in the order in which they came, without waiting for each other. */
  #submit({ conversation, key, n, floor, instance, body }: SendFrame): void {
    const claims = this.#claims
    if (!claims) return
    const origin = { instance: instance ?? this.#hello?.instance ?? '', n, floor }
    void this.#around.conversations
      .submit(conversation, { sender: senderOf(claims), key, origin, command: body })
      .then((reply) => this.#answer(conversation, key, reply))
  }

  #answer(conversation: ConversationId, key: string, reply: SubmitReply): void {
    this.#unanswered -= 1
    if (this.#phase === 'over') return
    if (reply.kind === 'ack') this.#later({ type: 'ack', conversation, key, seq: reply.seq })
    else this.#refused(reply, conversation, key)
  }

  #signal(conversation: ConversationId, made: (from: string) => Ephemeral): void {
    const { clock, conversations } = this.#around
    if (!this.#claims || !this.#views.has(conversation) || !this.#ephemerals.take(clock.monotonicMs())) return
    conversations.signal(conversation, made(this.#claims.subject))
  }

  /** A fresh token for the same person. One that is not good changes nothing: the old one ends when it ends. */
  #refresh(token: string): void {
    this.#around.tokenCheck.check(token, (judgement) => {
      if (this.#phase === 'over') return
      if (judgement.kind === 'store-away') return this.#refused(refuse('store-unavailable'))
      if (judgement.kind === 'bad') return this.#refused(refuse(judgement.code))
      const { claims, expiresAtMs } = judgement
      if (claims.subject !== this.#claims?.subject || claims.kind !== this.#claims.kind)
        return this.#refused(refuse('token-invalid', { detail: 'The token is somebody else’s.' }))
      this.#claims = claims
      this.#expireAt(expiresAtMs)
      for (const conversation of [...this.#views.keys()])
        if (!mayReach(claims, conversation)) this.ended(conversation, refuse('not-allowed'))
    })
  }

  #refused({ code, retryAfterMs, detail }: Refusal, conversation?: ConversationId, key?: string): void {
    this.#later({
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
    this.#around.metrics.count('sockets_refused')
    this.close(code, reason)
  }

  #cut(code: CloseCode, reason: string): void {
    if (this.#phase === 'over') return
    this.#end()
    this.#around.log.debug(`Closed a client socket with ${code}: ${reason}.`)
    this.#socket.close(code, reason)
  }

  #end(): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#cancelDeadline()
    this.#cancelDrain?.()
    for (const view of this.#views.values()) view.detach()
    this.#views.clear()
    this.#around.over(this)
  }
}

function limiter(perSecond: number, nowMs: number): RateLimiter {
  return new RateLimiter(perSecond, perSecond * 2, nowMs)
}

/** Why a conversation cannot be looked at after `open`. Some refusals say only that it was opened before. */
function whyAbsent(reply: SubmitReply): Refusal | undefined {
  if (reply.kind === 'ack') return undefined
  const there = ['key-reused', 'already-joined', 'conversation-closed'].includes(reply.code)
  return there ? undefined : reply
}
