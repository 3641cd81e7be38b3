import type { Cancel } from '../../base/clock.ts'
import type { ConversationId, Seq } from '../../base/ids.ts'
import { type ClientFrame, type ServerFrame, VERSIONS } from '../../protocol/client-frames.ts'
import { decodeServerFrame } from '../../protocol/server-frame-decoder.ts'
import { CommandSender, type WayOut } from './command-sender.ts'
import {
  type ConnectionEvent,
  type ConnectionState,
  FIRST_PLAN,
  nextStep,
  openPatienceMs,
} from './connection-decision.ts'
import { ConversationHandle } from './conversation-handle.ts'
import { KeyedTimers } from './keyed-timers.ts'
import { LineWatch } from './line-watch.ts'
import { consequenceOf } from './outbox-decision.ts'
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

/** One socket, from the token for it to its end. */
interface Line {
  readonly address: string
  socket?: ConnectionSocket
  /** What the server attached to by itself, as the hello asked. */
  resumed: ReadonlySet<ConversationId>
  /** Number of its hello; a server closes a line for a later one with 4409. */
  hello?: number
  welcomeMs?: number
  watch?: LineWatch
  /** The server said when to come back, before it closed. */
  retryAfterMs?: number
  frameBytes: number
  cancelPatience: Cancel
}

type Refused = Extract<ServerFrame, { type: 'refused' }>

const EVENTS_KEPT = 2000
const TOKEN_PATIENCE_MS = 15_000
const REFRESH_MS = 5000
const DAMAGED_AGAIN_MS = 10_000
const GAP_MS = 250
const RESUME_MAX = 256
const ADDRESSES_MAX = 32
const LOST = 1006
const SILENT = 4408
const SUPERSEDED = 4409

/**
 * A client's connection to the system: one socket at a time, any address, whatever happens to it. What was sent stays
 * in the outbox until it is answered, and goes again by the same key; what was received is never received again.
 *
 * `#next` is the line that is being made, `#line` the one that was welcome and serves. When the server asks to go
 * elsewhere there are both: the old one serves until the new one is welcome. What any other line says is not heard.
 */
export class Connection {
  readonly onState = new Signal<ConnectionState>()
  readonly #ports: ConnectionPorts
  readonly #options: ConnectionOptions
  readonly #handles = new Map<ConversationId, ConversationHandle>()
  readonly #sender: CommandSender
  /** What waits a moment before it is tried again. */
  readonly #timers: KeyedTimers
  #addresses: readonly string[]
  #address: string
  #plan = FIRST_PLAN
  #token: string | undefined
  #hellos = 0
  #line: Line | undefined
  #next: Line | undefined
  /** It did not answer a ping while somebody waits: its successor is made, in case it never will. */
  #doubted: Line | undefined
  #cancelAttempt: Cancel = () => {}
  #cancelWake: Cancel | undefined

  constructor(ports: ConnectionPorts, options: ConnectionOptions) {
    this.#ports = ports
    this.#options = options
    this.#timers = new KeyedTimers(ports.clock)
    this.#addresses = options.addresses
    this.#address = options.addresses[0] ?? ''
    this.#sender = new CommandSender(ports, {
      wayOut: () => this.#wayOut(),
      maySpeak: (conversation) => this.#handles.get(conversation)?.known ?? true,
      changed: (conversation) => this.#handles.get(conversation)?.onUnsent.emit(this.#sender.unsent(conversation)),
    })
  }

  get state(): ConnectionState {
    return this.#plan.state
  }

  get addresses(): readonly string[] {
    return this.#addresses
  }

  start(): void {
    this.#cancelWake ??= this.#ports.onWake?.(() => this.#wake())
    if (!this.#line) void this.#attempt()
  }

  /** Ends the connection; what is in the outbox stays in storage. */
  close(): void {
    this.#step({ kind: 'stop' })
  }

  /** A conversation, attached to from `after` on. */
  conversation(id: ConversationId, after: Seq = 0): ConversationHandle {
    const known = this.#handles.get(id)
    if (known) return known
    const handle: ConversationHandle = new ConversationHandle(
      id,
      {
        send: (command) => this.#sender.send(id, command),
        unsent: () => this.#sender.unsent(id),
        signal: (frame) => this.#write({ ...frame, conversation: id }),
        detach: () => this.#detach(handle),
      },
      this.#options.eventsMax ?? EVENTS_KEPT,
      after,
    )
    this.#handles.set(id, handle)
    this.#attach(handle)
    return handle
  }

  #attach(handle: ConversationHandle): void {
    if (this.#handles.get(handle.id) !== handle) return
    // A node says so where it is otherwise.
    handle.turn('live')
    this.#write({ type: 'attach', conversation: handle.id, after: handle.lastSeq })
  }

  #detach(handle: ConversationHandle): void {
    if (this.#handles.get(handle.id) !== handle) return
    this.#handles.delete(handle.id)
    this.#write({ type: 'detach', conversation: handle.id })
  }

  async #attempt(): Promise<void> {
    if (this.#next || this.#plan.state === 'stopped') return
    const { clock } = this.#ports
    const line: Line = {
      address: this.#address,
      resumed: new Set(),
      frameBytes: Number.POSITIVE_INFINITY,
      cancelPatience: clock.after(TOKEN_PATIENCE_MS, () => this.#lost(line, LOST)),
    }
    this.#next = line
    const token = await this.#tokenAtHand()
    if (this.#next !== line) return
    if (token === undefined) return this.#lost(line, LOST)
    line.cancelPatience()
    line.cancelPatience = clock.after(openPatienceMs(this.#plan), () => this.#lost(line, LOST))
    this.#openSocket(line, token)
  }

  async #tokenAtHand(): Promise<string | undefined> {
    try {
      this.#token ??= await this.#options.token()
    } catch {
      // Asked again with the next attempt.
    }
    return this.#token
  }

  /** The token of a line that serves ended: the server waits a while for another one before it closes. */
  #refreshToken(line: Line): void {
    if (line !== this.#line || this.#timers.has('token')) return
    this.#token = undefined
    this.#timers.set('token', REFRESH_MS, () => {
      if (this.#token === undefined) this.#refreshToken(line)
    })
    void this.#tokenAtHand().then((token) => {
      if (token !== undefined && line === this.#line) this.#write({ type: 'refresh', token })
    })
  }

  #openSocket(line: Line, token: string): void {
    try {
      line.socket = this.#ports.openSocket(line.address, {
        opened: () => this.#greet(line, token),
        message: (text) => this.#heard(line, text),
        closed: (code) => this.#lost(line, code),
      })
    } catch {
      // An address that the browser does not take, such as `ws:` on a secure page: others may be better.
      this.#lost(line, LOST)
    }
  }

  #greet(line: Line, token: string): void {
    if (line !== this.#next) return
    this.#hellos += 1
    line.hello = this.#hellos
    const resume = [...this.#handles.values()]
      .slice(0, RESUME_MAX)
      .map(({ id, lastSeq }) => ({ conversation: id, after: lastSeq }))
    line.resumed = new Set(resume.map(({ conversation }) => conversation))
    const hello: ClientFrame = {
      type: 'hello',
      token,
      versions: VERSIONS,
      instance: this.#sender.instance,
      connection: this.#hellos,
      resume,
      ...(this.#options.library !== undefined && { library: this.#options.library }),
    }
    line.socket?.send(JSON.stringify(hello))
  }

  #heard(line: Line, text: string): void {
    line.watch?.heard()
    if (line === this.#doubted) this.#trust(line)
    const frame = decodeServerFrame(text)
    if (!frame) return
    if (line === this.#line) this.#received(line, frame)
    else if (line !== this.#next) return
    else if (frame.type === 'welcome') this.#welcome(line, frame)
    else if (frame.type === 'refused') this.#refusedLine(line, frame)
  }

  #received(line: Line, frame: ServerFrame): void {
    switch (frame.type) {
      case 'events': {
        const handle = this.#handles.get(frame.conversation)
        if (handle?.apply(frame.events) === 'gap') this.#fillGap(handle)
        return this.#sender.flush()
      }
      case 'ack':
        return this.#sender.settle(frame.conversation, frame.key, { kind: 'ack', seq: frame.seq })
      case 'refused':
        return this.#refused(line, frame)
      case 'status':
        return this.#handles.get(frame.conversation)?.turn(frame.status)
      case 'typing':
        return this.#handles.get(frame.conversation)?.onTyping.emit({ from: frame.from, on: frame.on })
      case 'seen':
        return this.#handles.get(frame.conversation)?.onSeen.emit({ from: frame.from, seq: frame.seq })
      case 'notice':
        return this.#handles.get(frame.conversation)?.onNotice.emit(frame)
      case 'ended':
        return this.#notAttached({ ...frame, definite: true })
      case 'goaway':
        return this.#goaway(frame.withinMs, frame.hint)
      case 'ping':
        return this.#write({ type: 'pong' })
      case 'welcome':
      case 'pong':
        return
    }
  }

  #welcome(line: Line, { heartbeatMs, addresses, limits }: Extract<ServerFrame, { type: 'welcome' }>): void {
    const old = this.#line
    this.#next = undefined
    this.#line = line
    line.cancelPatience()
    line.welcomeMs = this.#ports.clock.monotonicMs()
    line.watch = this.#watch(line, Math.min(Math.max(heartbeatMs, 100), 600_000))
    line.frameBytes = limits.frameBytes ?? line.frameBytes
    this.#addresses = [...new Set([...this.#options.addresses, ...addresses.map(String)])].slice(0, ADDRESSES_MAX)
    this.#sender.lineLost()
    this.#timers.clear()
    old?.watch?.stop()
    this.#doubted = undefined
    this.#agreeOnAttachments(line)
    this.#step({ kind: 'welcome' })
    this.#sender.flush()
    old?.socket?.close()
  }

  /** What changed while the hello was on its way. */
  #agreeOnAttachments({ resumed }: Line): void {
    for (const conversation of resumed)
      if (!this.#handles.has(conversation)) this.#write({ type: 'detach', conversation })
    for (const handle of [...this.#handles.values()])
      if (resumed.has(handle.id)) handle.turn('live')
      else this.#attach(handle)
  }

  /** A line that says nothing for two heartbeats is dead, whatever the socket believes. */
  #watch(line: Line, heartbeatMs: number): LineWatch {
    return new LineWatch(this.#ports.clock, heartbeatMs, {
      waiting: () => this.#sender.waiting,
      ask: () => this.#write({ type: 'ping' }),
      doubt: () => this.#doubt(line),
      dead: () => this.#lost(line, SILENT),
    })
  }

  /** Makes a second line elsewhere; whichever speaks first serves. */
  #doubt(line: Line): void {
    if (this.#next || this.#address !== line.address) return
    this.#doubted = line
    this.#address = this.#addressAfter(line.address)
    this.#attemptIn(0)
  }

  /** It was only slow. Once the other one has said hello there is no way back: the server closes this one. */
  #trust(line: Line): void {
    this.#doubted = undefined
    if (this.#next?.hello !== undefined) return
    this.#cancelAttempt()
    this.#address = line.address
    const { socket, cancelPatience } = this.#next ?? {}
    this.#next = undefined
    cancelPatience?.()
    socket?.close()
  }

  /** A line is over, whoever says so first: its socket, or we because we waited long enough. */
  #lost(line: Line, code: number): void {
    if (line !== this.#next && line !== this.#line) return
    const served = line === this.#line
    if (served) this.#line = undefined
    else this.#next = undefined
    line.cancelPatience()
    line.socket?.close()
    if (served) {
      line.watch?.stop()
      this.#doubted = undefined
      this.#sender.lineLost()
      if (this.#next) return this.#step({ kind: 'overtaken' })
    }
    // After a request to go elsewhere it is another one already.
    if (this.#address === line.address) this.#address = this.#addressAfter(line.address)
    const { retryAfterMs, welcomeMs, hello = 0 } = line
    // It gave way to another line of ours, which has failed since: no reason to stop.
    const cause = code === SUPERSEDED && hello < this.#hellos ? LOST : code
    const waiting = retryAfterMs !== undefined && { retryAfterMs }
    if (this.#line) return this.#step({ kind: 'move-failed', code: cause, ...waiting })
    const servedMs = welcomeMs !== undefined && { servedMs: this.#ports.clock.monotonicMs() - welcomeMs }
    this.#step({ kind: 'lost', code: cause, ...servedMs, ...waiting })
  }

  #step(event: ConnectionEvent): void {
    const before = this.#plan.state
    const { plan, connectInMs, tokenRefused } = nextStep(this.#plan, event, this.#ports.random.fraction())
    this.#plan = plan
    if (tokenRefused) this.#token = undefined
    this.#cancelAttempt()
    if (plan.state === 'stopped') this.#stop()
    if (connectInMs !== undefined) this.#attemptIn(connectInMs)
    if (plan.state !== before) this.onState.emit(plan.state)
  }

  /** Nobody waits out a pause that began before the page slept or while there was no network. */
  #wake(): void {
    if (this.#line) this.#line.watch?.wake()
    else if (!this.#next) this.#attemptIn(0)
  }

  #attemptIn(delayMs: number): void {
    this.#cancelAttempt()
    this.#cancelAttempt = this.#ports.clock.after(delayMs, () => void this.#attempt())
  }

  #stop(): void {
    const lines = [this.#line, this.#next]
    this.#line = undefined
    this.#next = undefined
    this.#cancelWake?.()
    this.#sender.lineLost()
    this.#timers.clear()
    for (const line of lines) {
      line?.watch?.stop()
      line?.cancelPatience()
      line?.socket?.close()
    }
  }

  #goaway(withinMs: number, hint: string | undefined): void {
    if (this.#next) return
    this.#address = hint ?? this.#addressAfter(this.#address)
    this.#attemptIn(Math.min(Math.max(withinMs, 0), 600_000) * this.#ports.random.fraction())
  }

  /** The address to try after this one, round and round, but for the one of a line that serves. */
  #addressAfter(address: string): string {
    const index = this.#addresses.indexOf(address) + 1
    const round = [...this.#addresses.slice(index), ...this.#addresses.slice(0, index)]
    return round.find((other) => other !== this.#line?.address) ?? address
  }

  #refusedLine(line: Line, { retryAfterMs }: Refused): void {
    if (retryAfterMs !== undefined) line.retryAfterMs = retryAfterMs
  }

  #refused(line: Line, frame: Refused): void {
    const { conversation, key, code, definite, retryAfterMs } = frame
    if (conversation === undefined) {
      this.#refusedLine(line, frame)
      return code === 'token-expired' ? this.#refreshToken(line) : undefined
    }
    if (key === undefined) return this.#notAttached({ ...frame, conversation })
    const consequence = consequenceOf(code, definite, retryAfterMs)
    if (consequence.kind === 'failed') return this.#sender.settle(conversation, key, { kind: 'refused', code })
    this.#sender.again(conversation, consequence.afterMs)
  }

  /** A conversation cannot be looked at: for good, or for now. */
  #notAttached(refused: Pick<Refused, 'code' | 'definite' | 'retryAfterMs'> & { conversation: ConversationId }): void {
    const handle = this.#handles.get(refused.conversation)
    if (!handle) return
    const consequence = consequenceOf(refused.code, refused.definite, refused.retryAfterMs)
    if (consequence.kind === 'again')
      return this.#timers.set(`attach ${handle.id}`, consequence.afterMs, () => this.#attach(handle))
    handle.end(refused.code)
    this.#sender.flush()
    // Once somebody repaired it, what this client writes is taken again: it must be given what others write, too.
    if (refused.code === 'conversation-damaged')
      this.#timers.set(`attach ${handle.id}`, DAMAGED_AGAIN_MS, () => this.#attach(handle))
  }

  /** Asks again from where the events broke off; not at every frame that is ahead, as the answer is on its way. */
  #fillGap(handle: ConversationHandle): void {
    const name = `gap ${handle.id}`
    if (this.#timers.has(name)) return
    this.#attach(handle)
    this.#timers.set(name, GAP_MS, () => {
      if (handle.behind) this.#fillGap(handle)
    })
  }

  #wayOut(): WayOut | undefined {
    const line = this.#line
    return (
      line && {
        frameBytes: line.frameBytes,
        send: (text) => {
          line.socket?.send(text)
          line.watch?.hurry()
        },
      }
    )
  }

  #write(frame: ClientFrame): void {
    this.#line?.socket?.send(JSON.stringify(frame))
  }
}
