import type { Audience, EventRecord } from '../base/event-record.ts'
import type { ConversationId, Seq } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { ServerFrame } from '../protocol/client-frames.ts'
import type {
  Attachment,
  ConversationPort,
  Ephemeral,
  ReadReply,
  Submission,
  SubmitReply,
  Subscriber,
} from '../protocol/conversation-port.ts'
import type { Claims, Tokens, TokenVerdict } from '../protocol/tokens.ts'
import type { ClientSocketHandlers } from './client-socket.ts'
import { createNativeChannel } from './native-channel.ts'
import { NATIVE_CHANNEL_DEFAULTS, type NativeChannelSettings } from './native-settings.ts'

/** Conversations in memory for tests of channels: every command becomes an event, unless a test says otherwise. */
export class FakeConversations implements ConversationPort {
  readonly submitted: Submission[] = []
  readonly signals: Ephemeral[] = []
  readonly #records = new Map<ConversationId, EventRecord[]>()
  readonly #subscribers = new Map<ConversationId, Set<Subscriber>>()
  /** What the next submissions are answered, before any is looked at. */
  readonly refusals: Refusal[] = []
  #held: (() => void)[] | undefined

  attach(conversation: ConversationId, after: Seq, subscriber: Subscriber): Attachment {
    const all = this.#subscribers.get(conversation) ?? new Set()
    this.#subscribers.set(conversation, all)
    let detached = false
    void Promise.resolve().then(() => {
      if (detached) return
      all.add(subscriber)
      const missed = this.records(conversation).slice(after)
      if (missed.length > 0) subscriber.events(conversation, missed)
    })
    return {
      detach: () => {
        detached = true
        all.delete(subscriber)
      },
    }
  }

  attached(conversation: ConversationId): number {
    return this.#subscribers.get(conversation)?.size ?? 0
  }

  async submit(conversation: ConversationId, submission: Submission): Promise<SubmitReply> {
    this.submitted.push(submission)
    if (this.#held) await new Promise<void>((resolve) => this.#held?.push(resolve))
    const refusal = this.refusals.shift()
    if (refusal) return refusal
    const { key, sender, command } = submission
    const known = this.records(conversation).find((record) => record.key === key)
    if (known) return { kind: 'ack', seq: known.seq }
    const exists = this.#records.has(conversation) || command.type === 'open'
    if (!exists) return refuse('unknown-conversation')
    const audience = command.type === 'note' ? 'staff' : 'everyone'
    return { kind: 'ack', seq: this.append(conversation, { sender: sender.id, key, audience }) }
  }

  /** Commands wait for `release`. */
  hold(): void {
    this.#held = []
  }

  release(): void {
    for (const go of this.#held?.splice(0) ?? []) go()
    this.#held = undefined
  }

  signal(_conversation: ConversationId, ephemeral: Ephemeral): void {
    this.signals.push(ephemeral)
  }

  async read(conversation: ConversationId, after: Seq, limit: number): Promise<ReadReply> {
    const records = this.records(conversation)
    return { kind: 'events', headSeq: records.length, records: records.slice(after, after + limit) }
  }

  records(conversation: ConversationId): EventRecord[] {
    return this.#records.get(conversation) ?? []
  }

  append(
    conversation: ConversationId,
    made: { sender?: string; key?: string; audience?: Audience; padding?: number } = {},
  ): Seq {
    const records = this.records(conversation)
    this.#records.set(conversation, records)
    const { sender = 'somebody', key, audience = 'everyone', padding = 0 } = made
    const seq = records.length + 1
    const event = { seq, at: seq, type: 'message', from: sender, key, body: { text: 'x'.repeat(padding) } }
    const json = JSON.stringify(event)
    const record = { seq, epoch: 1, at: seq, audience, sender, ...(key !== undefined && { key }), json }
    records.push(record)
    for (const subscriber of this.#subscribers.get(conversation) ?? []) subscriber.events(conversation, [record])
    return seq
  }

  subscribers(conversation: ConversationId): readonly Subscriber[] {
    return [...(this.#subscribers.get(conversation) ?? [])]
  }
}

/** Tokens that are their own claims in JSON, or a word: `expired`, `forged`, `new-key`. */
export class FakeTokens implements Tokens {
  readonly clock: { wallMs(): number }
  lifetimeMs = 3_600_000
  /** Whether the keys can be read, and whether `new-key` is among them afterwards. */
  store: 'away' | 'has the key' | 'has it not' = 'has it not'
  reads = 0
  newKeyKnown = false

  constructor(clock: { wallMs(): number }) {
    this.clock = clock
  }

  verify(token: string): TokenVerdict {
    if (token === 'expired') return { kind: 'bad', code: 'token-expired' }
    if (token.startsWith('new-key') && !this.newKeyKnown) return { kind: 'unknown-key' }
    const text = token.startsWith('new-key ') ? token.slice(8) : token
    const claims = claimsIn(text)
    if (!claims) return { kind: 'bad', code: 'token-invalid' }
    return { kind: 'good', claims, expiresAtMs: this.clock.wallMs() + this.lifetimeMs }
  }

  issue(claims: Claims): string {
    return JSON.stringify(claims)
  }

  async refreshKeys(): Promise<boolean> {
    this.reads += 1
    await Promise.resolve()
    this.newKeyKnown = this.store === 'has the key'
    return this.store !== 'away'
  }
}

/** As exact as the real ones: a token that is nearly right is none. */
function claimsIn(text: string): Claims | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const claims = JSON.parse(text) as Partial<Claims & { conversation: unknown; scopes: unknown }>
    const { kind, subject, name } = claims
    const reaches = kind === 'staff' ? Array.isArray(claims.scopes) : typeof claims.conversation === 'string'
    const whole = (kind === 'staff' || kind === 'visitor') && typeof subject === 'string' && typeof name === 'string'
    return whole && reaches ? (claims as Claims) : undefined
  } catch {
    return undefined
  }
}

/** The client's end of a socket that a test looks into. */
class FakeClient {
  readonly frames: ServerFrame[] = []
  readonly texts: string[] = []
  closedWith: number | undefined
  /** What the client has not taken; it takes everything at once unless it is `slow`. */
  queuedBytes = 0
  slow = false
  handlers: ClientSocketHandlers | undefined

  send(text: string): void {
    if (this.slow) this.queuedBytes += text.length
    this.texts.push(text)
    this.frames.push(JSON.parse(text) as ServerFrame)
  }

  close(code: number): void {
    this.closedWith = code
  }

  says(...frames: readonly unknown[]): void {
    for (const frame of frames) this.handlers?.message(JSON.stringify(frame))
  }

  got<Type extends ServerFrame['type']>(type: Type): Extract<ServerFrame, { type: Type }>[] {
    return this.frames.filter((frame): frame is Extract<ServerFrame, { type: Type }> => frame.type === type)
  }

  /** The seqs of all events and skips of a conversation, in the order in which they came. */
  seqs(conversation: ConversationId): number[] {
    return this.got('events').flatMap((frame) =>
      frame.conversation === conversation ? frame.events.map(({ seq }) => seq) : [],
    )
  }
}

/** A channel on fakes, and a way in. */
export function rehearseChannel(settings: Partial<NativeChannelSettings> = {}) {
  const clock = new ManualClock()
  const metrics = memoryMetrics()
  const tokens = new FakeTokens(clock)
  const conversations = new FakeConversations()
  const channel = createNativeChannel({
    clock,
    log: silentLog,
    metrics,
    tokens,
    conversations,
    settings: { ...NATIVE_CHANNEL_DEFAULTS, node: 'edge-1', addresses: () => [], ...settings },
  })
  const dial = () => {
    const client = new FakeClient()
    client.handlers = channel.accept(client)
    return client
  }
  return { clock, metrics, tokens, conversations, channel, dial }
}

export function visitorToken(conversation: ConversationId, subject = 'vera'): string {
  const claims: Claims = { kind: 'visitor', subject, name: subject, conversation, system: 'test' }
  return JSON.stringify(claims)
}

export function agentToken(subject = 'anna'): string {
  const claims: Claims = { kind: 'staff', subject, name: subject, role: 'agent', scopes: ['conversations'] }
  return JSON.stringify(claims)
}

export function hello(token: string, more: object = {}): object {
  return { type: 'hello', token, versions: [1], instance: 'page-1', connection: 1, resume: [], ...more }
}

export function say(conversation: ConversationId, n: number, text = `text ${n}`): object {
  const body = { type: 'message', format: 'text', text }
  return { type: 'send', conversation, key: `key-${n}`, n, floor: 1, body }
}
