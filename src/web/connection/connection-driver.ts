import type { Cancel } from '../../base/clock.ts'
import type { ConversationId, Seq } from '../../base/ids.ts'
import { type ClientCommand, type ClientFrame, type ServerFrame, VERSIONS } from '../../protocol/client-frames.ts'
import { decodeServerFrame } from '../../protocol/server-frame-decoder.ts'
import { type ConnectionEvent, type ConnectionState, FIRST_PLAN, nextStep } from './connection-decision.ts'
import { ConversationHandle, type Sent, type Settled } from './conversation-handle.ts'
import {
  consequenceOf,
  emptyOutbox,
  floorOf,
  type Outbox,
  type OutboxEntry,
  put,
  settle,
  takeUnsent,
  unsend,
} from './outbox-decision.ts'
import type { ConnectionPorts, ConnectionSocket } from './ports.ts'
import { Signal } from './signal.ts'

export interface ConnectionOptions {
  /** `ws://` or `wss://` addresses of the system, the preferred one first. */
  readonly addresses: readonly string[]
  /** Asked before the first connection and whenever the last token was refused. */
  token(): Promise<string>
  /** Version of the page's library, for the operator. */
  readonly library?: string
  /** Events kept for each conversation; 0 keeps none. */
  readonly eventsMax?: number
}

interface Line {
  readonly socket: ConnectionSocket
  welcome: boolean
  heardMs: number
}

const EVENTS_KEPT = 2000
const HEARTBEAT_MS = 10_000
const SILENT_HEARTBEATS = 2
const OPEN_PATIENCE_MS = 5000
const TOKEN_RETRY_MS = 1000

/**
 * A client's connection to the system: one socket at a time, any address, whatever happens to it. What was sent stays
 * in the outbox until it is answered, and goes again by the same key; what was received is never received again.
 */
export class Connection {
  readonly onState = new Signal<ConnectionState>()
  readonly #ports: ConnectionPorts
  readonly #options: ConnectionOptions
  readonly #handles = new Map<ConversationId, ConversationHandle>()
  readonly #settling = new Map<string, (settled: Settled) => void>()
  /** Conversations whose outbox waits a moment before it is tried again. */
  readonly #holding = new Map<ConversationId, Cancel>()
  #addresses: readonly string[]
  #address = 0
  #plan = FIRST_PLAN
  #outbox: Outbox
  #token: string | undefined
  #connections = 0
  #line: Line | undefined
  #retryAfterMs: number | undefined
  #heartbeatMs = HEARTBEAT_MS
  #cancelAttempt: Cancel = () => {}
  #cancelHeartbeat: Cancel = () => {}
  #cancelGoaway: Cancel = () => {}
  #saving = false

  constructor(ports: ConnectionPorts, options: ConnectionOptions) {
    this.#ports = ports
    this.#options = options
    this.#addresses = options.addresses
    // A page load is a new instance: a duplicated tab has a copy of the storage, and must not go on counting.
    this.#outbox = emptyOutbox(ports.random.id(), entriesIn(ports.storage.load()))
  }

  get state(): ConnectionState {
    return this.#plan.state
  }

  get addresses(): readonly string[] {
    return this.#addresses
  }

  start(): void {
    void this.#attempt()
  }

  /** Ends the connection; what is in the outbox stays in storage. */
  close(): void {
    this.#step({ kind: 'stop' })
    this.#line?.socket.close()
    this.#line = undefined
  }

  /** A conversation, attached to from `after` on. */
  conversation(id: ConversationId, after: Seq = 0): ConversationHandle {
    const known = this.#handles.get(id)
    if (known) return known
    const handle = new ConversationHandle(
      id,
      {
        send: (conversation, command) => this.#send(conversation, command),
        unsent: (conversation) => this.#outbox.entries.filter((entry) => entry.conversation === conversation),
        signal: (frame, conversation) => this.#write({ ...frame, conversation }),
        detach: (conversation) => this.#detach(conversation),
      },
      this.#options.eventsMax ?? EVENTS_KEPT,
      after,
    )
    this.#handles.set(id, handle)
    this.#write({ type: 'attach', conversation: id, after: handle.lastSeq })
    this.#flush()
    return handle
  }

  #send(conversation: ConversationId, command: ClientCommand): Sent {
    const key = this.#ports.random.id()
    this.#outbox = put(this.#outbox, conversation, key, command)
    const settled = new Promise<Settled>((resolve) => this.#settling.set(key, resolve))
    this.#outboxChanged(conversation)
    this.#flush()
    return { key, settled }
  }

  #detach(conversation: ConversationId): void {
    this.#handles.delete(conversation)
    this.#write({ type: 'detach', conversation })
  }

  async #attempt(): Promise<void> {
    const token = await this.#freshToken()
    if (this.#plan.state === 'stopped') return
    if (token === undefined) return this.#step({ kind: 'no-token' })
    const address = this.#addresses[this.#address % this.#addresses.length] ?? ''
    const { clock } = this.#ports
    const givingUp = clock.after(OPEN_PATIENCE_MS, () => socket.close())
    const socket = this.#ports.openSocket(address, {
      opened: () => this.#greet(line, token),
      message: (text) => {
        line.heardMs = clock.monotonicMs()
        const frame = decodeServerFrame(text)
        if (frame?.type === 'welcome') givingUp()
        if (frame) this.#received(line, frame)
      },
      closed: (code) => {
        givingUp()
        this.#lost(line, code)
      },
    })
    const line: Line = { socket, welcome: false, heardMs: clock.monotonicMs() }
    // During a planned change the old line serves until the new one is welcome.
    if (!this.#line?.welcome) this.#line = line
  }

  async #freshToken(): Promise<string | undefined> {
    if (this.#token !== undefined && !this.#plan.freshToken) return this.#token
    this.#token = await this.#options.token().catch(() => undefined)
    return this.#token
  }

  #greet(line: Line, token: string): void {
    this.#connections += 1
    const resume = [...this.#handles.values()].map(({ id, lastSeq }) => ({ conversation: id, after: lastSeq }))
    const hello: ClientFrame = {
      type: 'hello',
      token,
      versions: VERSIONS,
      instance: this.#outbox.instance,
      connection: this.#connections,
      resume,
      ...(this.#options.library !== undefined && { library: this.#options.library }),
    }
    line.socket.send(JSON.stringify(hello))
  }

  #received(line: Line, frame: ServerFrame): void {
    if (frame.type === 'welcome') return this.#welcome(line, frame)
    if (line !== this.#line) return
    switch (frame.type) {
      case 'events': {
        const handle = this.#handles.get(frame.conversation)
        if (handle?.apply(frame.events) === 'gap') this.#attachAgain(handle)
        return
      }
      case 'ack':
        return this.#settle(frame.conversation, frame.key, { kind: 'ack', seq: frame.seq })
      case 'refused':
        return this.#refused(frame)
      case 'status':
        return this.#handles.get(frame.conversation)?.turn(frame.status)
      case 'typing':
        return this.#handles.get(frame.conversation)?.onTyping.emit({ from: frame.from, on: frame.on })
      case 'seen':
        return this.#handles.get(frame.conversation)?.onSeen.emit({ from: frame.from, seq: frame.seq })
      case 'ended':
        return this.#handles.get(frame.conversation)?.onEnded.emit(frame.code)
      case 'goaway':
        return this.#goaway(frame.withinMs, frame.hint)
      case 'ping':
        return this.#write({ type: 'pong' })
      case 'pong':
        return
    }
  }

  #welcome(line: Line, frame: Extract<ServerFrame, { type: 'welcome' }>): void {
    const old = this.#line
    line.welcome = true
    this.#line = line
    if (old && old !== line) old.socket.close()
    this.#heartbeatMs = frame.heartbeatMs
    this.#addresses = [...new Set([...this.#options.addresses, ...frame.addresses])]
    this.#retryAfterMs = undefined
    this.#outbox = unsend(this.#outbox)
    this.#step({ kind: 'welcome' })
    this.#watch(line)
    this.#flush()
  }

  /** A line that says nothing for two heartbeats is dead, whatever the socket believes. */
  #watch(line: Line): void {
    this.#cancelHeartbeat()
    this.#cancelHeartbeat = this.#ports.clock.after(this.#heartbeatMs / SILENT_HEARTBEATS, () => {
      if (this.#line !== line) return
      const silentMs = this.#ports.clock.monotonicMs() - line.heardMs
      if (silentMs >= this.#heartbeatMs * SILENT_HEARTBEATS) {
        line.socket.close()
        return this.#lost(line, 4408)
      }
      if (silentMs >= this.#heartbeatMs) this.#write({ type: 'ping' })
      this.#watch(line)
    })
  }

  #lost(line: Line, code: number): void {
    if (this.#line !== line) {
      // The new line of a planned change failed; the old one serves on.
      return
    }
    this.#line = undefined
    this.#cancelHeartbeat()
    this.#cancelGoaway()
    this.#outbox = unsend(this.#outbox)
    this.#address += 1
    this.#step({ kind: 'lost', code, ...(this.#retryAfterMs !== undefined && { retryAfterMs: this.#retryAfterMs }) })
  }

  #step(event: ConnectionEvent): void {
    const before = this.#plan.state
    const { plan, connectInMs } = nextStep(this.#plan, event, this.#ports.random.fraction())
    this.#plan = plan
    this.#cancelAttempt()
    if (connectInMs !== undefined)
      this.#cancelAttempt = this.#ports.clock.after(
        event.kind === 'no-token' ? connectInMs + TOKEN_RETRY_MS : connectInMs,
        () => void this.#attempt(),
      )
    if (plan.state !== before) this.onState.emit(plan.state)
  }

  #goaway(withinMs: number, hint: string | undefined): void {
    if (hint !== undefined && !this.#addresses.includes(hint)) this.#addresses = [...this.#addresses, hint]
    const from = this.#address
    this.#cancelGoaway()
    this.#cancelGoaway = this.#ports.clock.after(withinMs * this.#ports.random.fraction(), () => {
      this.#address = hint === undefined ? from + 1 : this.#addresses.indexOf(hint)
      void this.#attempt()
    })
  }

  #refused(frame: Extract<ServerFrame, { type: 'refused' }>): void {
    const { conversation, key, code, definite, retryAfterMs } = frame
    if (conversation === undefined) {
      this.#retryAfterMs = retryAfterMs
      return
    }
    const consequence = consequenceOf(code, definite, retryAfterMs)
    if (key === undefined) {
      // Attaching was refused: for good, or for now.
      const handle = this.#handles.get(conversation)
      if (consequence.kind === 'failed') handle?.onEnded.emit(code)
      else if (handle) this.#hold(conversation, consequence.afterMs, () => this.#attachAgain(handle))
    } else if (consequence.kind === 'failed') this.#settle(conversation, key, { kind: 'refused', code })
    else this.#hold(conversation, consequence.afterMs)
  }

  /** After a while everything unanswered of a conversation goes again, in order. */
  #hold(conversation: ConversationId, afterMs: number, then: () => void = () => {}): void {
    if (this.#holding.has(conversation)) return
    const cancel = this.#ports.clock.after(afterMs, () => {
      this.#holding.delete(conversation)
      this.#outbox = unsend(this.#outbox, conversation)
      then()
      this.#flush()
    })
    this.#holding.set(conversation, cancel)
  }

  #attachAgain(handle: ConversationHandle): void {
    if (this.#handles.get(handle.id) === handle)
      this.#write({ type: 'attach', conversation: handle.id, after: handle.lastSeq })
  }

  #settle(conversation: ConversationId, key: string, settled: Settled): void {
    this.#outbox = settle(this.#outbox, conversation, key)
    const resolve = this.#settling.get(key)
    this.#settling.delete(key)
    resolve?.(settled)
    this.#outboxChanged(conversation)
  }

  #flush(): void {
    if (!this.#line?.welcome) return
    const { outbox, take } = takeUnsent(this.#outbox, (conversation) => !this.#holding.has(conversation))
    this.#outbox = outbox
    for (const entry of take) {
      const { conversation, key, n, instance, command } = entry
      this.#write({
        type: 'send',
        conversation,
        key,
        n,
        floor: floorOf(outbox, entry),
        ...(instance !== outbox.instance && { instance }),
        body: command,
      })
    }
  }

  #write(frame: ClientFrame): void {
    if (this.#line?.welcome) this.#line.socket.send(JSON.stringify(frame))
  }

  #outboxChanged(conversation: ConversationId): void {
    this.#handles
      .get(conversation)
      ?.onUnsent.emit(this.#outbox.entries.filter((entry) => entry.conversation === conversation))
    this.#save()
  }

  /** At most once in a turn: what a burst brings is written together. */
  #save(): void {
    if (this.#saving) return
    this.#saving = true
    this.#ports.clock.after(0, () => {
      this.#saving = false
      this.#ports.storage.save(JSON.stringify(this.#outbox.entries))
    })
  }
}

/** What an earlier load of the page left unanswered. */
function entriesIn(text: string | undefined): readonly OutboxEntry[] {
  try {
    const entries: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(entries) ? entries : []
  } catch {
    return []
  }
}
