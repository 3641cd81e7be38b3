import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { EventRecord } from '../base/event-record.ts'
import { REFUSALS, type Refusal } from '../base/refusals.ts'
import type { Command, Sender } from '../conversation/command.ts'
import { decide } from '../conversation/decide.ts'
import { fromRecord, toRecord } from '../conversation/event-json.ts'
import { evolve } from '../conversation/evolve.ts'
import { type ConversationState, emptyState, isStaff } from '../conversation/state.ts'
import { decodeClientFrame } from '../protocol/client-frame-schema.ts'
import { type ClientFrame, type ServerFrame, SUBPROTOCOL } from '../protocol/client-frames.ts'
import type { ConversationStatus } from '../protocol/conversation-port.ts'

interface Conversation {
  state: ConversationState
  readonly records: EventRecord[]
}

interface Client {
  readonly socket: WebSocket
  sender: Sender | undefined
  /** Of the page load. */
  instance: string
  readonly attached: Set<string>
}

/**
 * An edge of one process without a store, for tests of pages: it speaks the protocol and decides by the conversation
 * core, and a test may make it misbehave. Tokens are `visitor:<id>:<name>` and `agent:<id>:<name>`.
 */
export class TestEdge {
  readonly #server: WebSocketServer
  readonly #clients = new Set<Client>()
  readonly #conversations = new Map<string, Conversation>()
  #held: (() => void)[] | undefined
  /** Conversations that nobody can look at. */
  readonly damaged = new Set<string>()
  #refusal: Refusal | undefined
  #away = false
  readonly #stopListening: () => void

  constructor(server: Server) {
    this.#server = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL })
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (this.#away) socket.destroy()
      else this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket))
    }
    server.on('upgrade', upgrade)
    this.#stopListening = () => server.off('upgrade', upgrade)
  }

  /** The events of a conversation, as stored. */
  records(conversation: string): readonly EventRecord[] {
    return this.#conversations.get(conversation)?.records ?? []
  }

  /** Texts of all messages of a conversation, in order. */
  texts(conversation: string): readonly string[] {
    return this.records(conversation).flatMap((record) => {
      const event = fromRecord(record)
      return event.type === 'message' ? [event.body.text] : []
    })
  }

  get conversations(): readonly string[] {
    return [...this.#conversations.keys()]
  }

  state(conversation: string): ConversationState {
    return this.#conversations.get(conversation)?.state ?? emptyState
  }

  /** Somebody without a browser does something. */
  act(conversation: string, sender: Sender, command: Command, key = `act-${this.records(conversation).length}`): void {
    const reply = this.#submit(conversation, sender, command, key, undefined)
    if (reply.kind === 'refused') throw new Error(`the test's command was refused: ${reply.code}`)
  }

  typing(conversation: string, from: string, on: boolean): void {
    this.#tell(conversation, { type: 'typing', conversation, from, on }, from)
  }

  /** Somebody gives a notice that is not kept. */
  notice(conversation: string, from: string, notice: string, url: string): void {
    this.#tell(conversation, { type: 'notice', conversation, from, notice, url }, from)
  }

  status(conversation: string, status: ConversationStatus): void {
    this.#tell(conversation, { type: 'status', conversation, status })
  }

  /** Cuts all sockets without a word; `away` also refuses new ones until it is called with `false`. */
  cut(away = false): void {
    this.#away = away
    for (const { socket } of this.#clients) socket.terminate()
  }

  /** Commands are heard and not handled until `release`. */
  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const handle of held) handle()
  }

  /** The next command is refused. */
  refuseNext(refusal: Refusal): void {
    this.#refusal = refusal
  }

  close(): void {
    this.#stopListening()
    this.cut(true)
    this.#server.close()
  }

  #accept(socket: WebSocket): void {
    const client: Client = { socket, sender: undefined, instance: '', attached: new Set() }
    this.#clients.add(client)
    socket.on('error', () => {})
    socket.on('close', () => this.#clients.delete(client))
    socket.on('message', (data) => {
      const decoded = decodeClientFrame(String(data))
      if (decoded.kind === 'refused') socket.close(4400, decoded.detail)
      else this.#take(client, decoded.frame)
    })
  }

  #take(client: Client, frame: ClientFrame): void {
    if (frame.type === 'hello') return this.#greet(client, frame)
    if (frame.type === 'attach') return this.#attach(client, frame.conversation, frame.after)
    if (frame.type === 'detach') return void client.attached.delete(frame.conversation)
    if (frame.type === 'ping') return send(client, { type: 'pong' })
    const { sender } = client
    if (!sender) return client.socket.close(4400, 'hello comes first')
    if (frame.type === 'typing' || frame.type === 'seen')
      return this.#tell(frame.conversation, { ...frame, from: sender.id }, sender.id)
    if (frame.type !== 'send') return
    const handle = () => this.#answer(client, sender, frame)
    if (this.#held) this.#held.push(handle)
    else handle()
  }

  #greet(client: Client, { token, resume, instance }: Extract<ClientFrame, { type: 'hello' }>): void {
    const [role, id, name] = token.split(':')
    if ((role !== 'visitor' && role !== 'agent') || !id || !name) return client.socket.close(4401, 'token-invalid')
    client.sender = { id, role, name }
    client.instance = instance
    const limits = { frameBytes: 65_536, textLength: 4_000 }
    send(client, { type: 'welcome', node: 'test', version: 1, heartbeatMs: 10_000, limits, addresses: [] })
    for (const { conversation, after } of resume) this.#attach(client, conversation, after)
  }

  #attach(client: Client, conversation: string, after: number): void {
    if (this.damaged.has(conversation))
      return send(client, { type: 'ended', conversation, code: 'conversation-damaged' })
    if (!this.#conversations.has(conversation)) {
      if (client.sender?.role !== 'visitor')
        return send(client, { type: 'ended', conversation, code: 'unknown-conversation' })
      this.#submit(conversation, client.sender, { type: 'open', mode: 'live' }, 'open', undefined)
    }
    client.attached.add(conversation)
    this.#deliver(client, conversation, this.records(conversation).slice(after))
  }

  #answer(client: Client, sender: Sender, frame: Extract<ClientFrame, { type: 'send' }>): void {
    const { conversation, key, n, floor } = frame
    const origin = { instance: frame.instance ?? client.instance, n, floor }
    const reply = this.#submit(conversation, sender, frame.body, key, origin)
    if (reply.kind === 'ack') return send(client, { type: 'ack', conversation, key, seq: reply.seq })
    const { code } = reply
    send(client, { type: 'refused', conversation, key, code, definite: REFUSALS[code].definite })
  }

  #submit(
    conversation: string,
    sender: Sender,
    command: Command,
    key: string,
    origin: { instance: string; n: number; floor: number } | undefined,
  ): { kind: 'ack'; seq: number } | Refusal {
    const refusal = this.#refusal
    this.#refusal = undefined
    if (refusal) return refusal
    const here = this.#conversations.get(conversation) ?? { state: emptyState, records: [] }
    this.#conversations.set(conversation, here)
    const at = Math.max(here.state.lastAt, Date.now())
    const submission = { sender, key, command, ...(origin && { origin }) }
    const decision = decide(here.state, submission, { at, textLengthMax: 4_000, lookedUp: null })
    if (decision.kind === 'duplicate') return { kind: 'ack', seq: decision.seq }
    if (decision.kind === 'refused') return decision
    if (decision.kind === 'look-up-key') throw new Error('the core asked for a key that was given')
    const first = here.state.headSeq + 1
    const made = decision.events.map((event, index) => toRecord(event, { seq: first + index, epoch: 1, at }))
    for (const record of made) {
      here.state = evolve(here.state, fromRecord(record))
      here.records.push(record)
    }
    for (const client of this.#clients) if (client.attached.has(conversation)) this.#deliver(client, conversation, made)
    return { kind: 'ack', seq: first }
  }

  #deliver(client: Client, conversation: string, records: readonly EventRecord[]): void {
    if (records.length === 0 || !client.sender) return
    const seesAll = isStaff(client.sender.role)
    const events = records.map(({ audience, seq, json }) =>
      seesAll || audience === 'everyone' ? JSON.parse(json) : { type: 'skip', seq },
    )
    send(client, { type: 'events', conversation, events })
  }

  #tell(conversation: string, frame: ServerFrame, except?: string): void {
    for (const client of this.#clients)
      if (client.attached.has(conversation) && client.sender?.id !== except) send(client, frame)
  }
}

function send(client: Client, frame: ServerFrame): void {
  if (client.socket.readyState === WebSocket.OPEN) client.socket.send(JSON.stringify(frame))
}
