import type { ConversationId, Seq } from '../base/ids.ts'
import type { Random } from '../base/random.ts'
import type { SeededDice } from '../chaos/seeded-dice.ts'
import type { ClientCommand, ServerFrame, WireEvent } from '../protocol/client-frames.ts'
import type { Claims } from '../protocol/tokens.ts'
import type { ConnectionState } from '../web/connection/connection-decision.ts'
import { Connection } from '../web/connection/connection-driver.ts'
import type { ConversationHandle } from '../web/connection/conversation-handle.ts'
import type { OutboxEntry } from '../web/connection/outbox-decision.ts'
import type { ConnectionPorts } from '../web/connection/ports.ts'
import type { PageLoad } from './observation.ts'
import { pagePorts } from './page-ports.ts'
import type { ClientPlan } from './run-plan.ts'
import { socketAddress } from './simulated-door.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { simulatedTokens } from './simulated-tokens.ts'
import type { SimulatedWorld } from './simulated-world.ts'

const RELOAD_MS_MAX = 400
const ATTACH_AGAIN_MS = 1000
// A page that has so many unanswered commands waits before it sends more, as a person would.
const UNANSWERED_MAX = 40
// More than an edge takes from one socket at once.
const PASTED_LINES = 60
const TAB_ATTEMPTS = 200
const TAB_RETRY_MS = 100
const TOKEN_REFUSED_SHARE = 0.05

/** Changes the ports of a page before its library gets them; planted bugs that live in a page come in here. */
export type PageWrapper = (ports: ConnectionPorts) => ConnectionPorts

/**
 * One person with a browser: the production client library on a simulated page. The page is reloaded now and then,
 * which ends everything in it but its storage.
 */
export class SimulatedClient {
  readonly plan: ClientPlan
  readonly #world: SimulatedWorld
  readonly #random: SeededDice
  readonly #addresses: readonly string[]
  readonly #original: SimulatedClient | undefined
  readonly #wrapPage: PageWrapper
  /** Keys given to the library that have no answer yet, over all page loads. */
  readonly #unanswered = new Map<string, ConversationId>()
  readonly #ended = new Set<ConversationId>()
  #storage: string | undefined
  #load = 0
  #process: SimulatedProcess
  #connection: Connection | undefined
  #handles = new Map<ConversationId, ConversationHandle>()
  #phase: 'absent' | 'here' | 'reloading' | 'gone' = 'absent'
  #quiet = false
  acknowledged = 0
  /** What the present page has read, and every state it showed. */
  readonly read: WireEvent[] = []
  readonly states: ConnectionState[] = []

  /** `original`: the tab of which this one is a copy. */
  constructor(
    world: SimulatedWorld,
    plan: ClientPlan,
    edges: readonly string[],
    { original, wrapPage = (ports) => ports }: { original?: SimulatedClient; wrapPage?: PageWrapper } = {},
  ) {
    this.#world = world
    this.plan = plan
    this.#original = original
    this.#wrapPage = wrapPage
    this.#random = world.random.fork(plan.name)
    this.#process = world.process(plan.name)
    const first = this.#random.whole(0, edges.length - 1)
    this.#addresses = [...edges.slice(first), ...edges.slice(0, first)].map(socketAddress)
  }

  get name(): string {
    return this.plan.name
  }

  get #participant(): string {
    return this.plan.tabOf ?? this.plan.name
  }

  start(): void {
    this.#at(this.plan.beginsAtMs, () => this.#come())
    if (this.plan.leavesAtMs !== undefined) this.#at(this.plan.leavesAtMs, () => this.leave())
  }

  /** From now on it reads, and says nothing by itself; its page is not reloaded any more. */
  quieten(): void {
    this.#quiet = true
  }

  /** One more message in each conversation: what must be answered at the end. */
  sayLast(): void {
    for (const conversation of this.plan.conversations)
      if (!this.#ended.has(conversation)) this.say(conversation, 'the last word')
  }

  /** Commands of the present page and of those before it that have no answer yet. */
  get unanswered(): number {
    return this.#unanswered.size
  }

  /** Sends a message, if the page is there. */
  say(conversation: ConversationId, text: string): void {
    this.#send(conversation, { type: 'message', format: 'text', text })
  }

  /** The person closes the page for good. */
  leave(): void {
    if (this.#phase === 'gone') return
    this.#world.tell(this.name, 'leaves')
    this.#connection?.close()
    this.#closePage('gone')
  }

  /** What is not well for this person, as a sentence without a full stop. */
  get trouble(): string | undefined {
    if (this.#phase === 'gone') return undefined
    if (this.#phase !== 'here' || !this.#connection) return `${this.name} has no page`
    if (this.#connection.state !== 'online') return `${this.name} is ${this.#connection.state}`
    for (const conversation of this.plan.conversations) {
      const handle = this.#handles.get(conversation)
      if (!handle) return `${this.name} has no handle of ${conversation}`
      if (handle.unsent.length > 0) return `${this.name} has ${handle.unsent.length} unanswered in ${conversation}`
      const head = this.#world.ledger.headSeq(conversation)
      if (handle.lastSeq !== head) return `${this.name} has read ${handle.lastSeq} of ${head} in ${conversation}`
    }
    for (const [key, conversation] of this.#unanswered)
      return `${this.name} sent ${key} to ${conversation}, and no page of it has an answer`
    return undefined
  }

  /** Whoever opens a second tab does so because the first one hangs; after a while he does so anyway. */
  #come(attempt = 1): void {
    const unsent = this.#original !== undefined && entriesIn(this.#original.#storage).length > 0
    if (this.#original && !unsent && attempt < TAB_ATTEMPTS)
      return this.#at(TAB_RETRY_MS, () => this.#come(attempt + 1))
    if (unsent) this.#world.sometimes.saw('second tab')
    this.#openPage()
  }

  #openPage(): void {
    if (this.#phase === 'gone') return
    const world = this.#world
    this.#phase = 'here'
    if (this.#load === 0 && this.#original) this.#storage = this.#original.#storage
    this.#load++
    const process = world.process(this.name)
    this.#process = process
    world.tell(this.name, `opens page ${this.#load}`)
    const ports = pagePorts(world, {
      process,
      random: this.#dice(),
      storage: { load: () => this.#storage, save: (text) => this.#saved(text) },
      heard: (frame) => this.#heard(frame),
    })
    const connection = new Connection(this.#wrapPage(ports), {
      addresses: this.#addresses,
      token: () => this.#token(),
      eventsMax: 0,
    })
    this.#connection = connection
    connection.onState.listen((state) => {
      world.tell(this.name, `is ${state}`)
      this.states.push(state)
    })
    this.read.length = 0
    this.#handles = new Map()
    for (const conversation of this.plan.conversations) this.#attach(conversation)
    connection.start()
    if (this.plan.isStaff)
      for (const conversation of this.plan.conversations) this.#send(conversation, { type: 'join' })
    this.#talk()
    if (this.plan.reloadMs !== undefined)
      process.clock.after(this.plan.reloadMs * (0.5 + this.#random.fraction()), () => this.#reload())
  }

  #dice(): Random {
    const random = this.#random.fork(`page-${this.#load}`)
    return this.plan.weakDice ? this.#world.weakDice.of(this.#participant, random) : random
  }

  #attach(conversation: ConversationId, after: Seq = 0): void {
    const connection = this.#connection
    if (!connection) return
    const page = this.#page()
    const handle = connection.conversation(conversation, after)
    this.#handles.set(conversation, handle)
    handle.onEvents.listen((events) => {
      for (const event of events) this.#applied(page, conversation, event)
    })
    handle.onEnded.listen((code) => {
      this.#world.tell(this.name, `is told that ${conversation.slice(-4)} ended: ${code}`)
      this.#process.clock.after(ATTACH_AGAIN_MS, () => {
        if (this.#handles.get(conversation) !== handle) return
        handle.detach()
        this.#attach(conversation, handle.lastSeq)
      })
    })
  }

  #applied(page: PageLoad, conversation: ConversationId, event: WireEvent): void {
    this.#world.tell(this.name, `reads ${conversation.slice(-4)}/${event.seq} ${event.type}`)
    this.#world.see({ kind: 'applied', page, conversation, event })
    this.read.push(event)
    if (event.type === 'closed') this.#ended.add(conversation)
  }

  #send(conversation: ConversationId, command: ClientCommand): void {
    const handle = this.#handles.get(conversation)
    if (this.#phase !== 'here' || !handle) return
    const page = this.#page()
    const { key, settled } = handle.send(command)
    this.#unanswered.set(key, conversation)
    const { type } = command
    this.#world.tell(this.name, `sends ${type} ${key.slice(-4)} to ${conversation.slice(-4)}`)
    this.#world.see({ kind: 'sent', page, conversation, key, ...('text' in command && { text: command.text }) })
    void settled.then((answer) => {
      if (answer.kind === 'ack') return
      this.#unanswered.delete(key)
      this.#world.tell(this.name, `is refused ${key.slice(-4)}: ${answer.code}`)
      this.#world.see({ kind: 'refused', page, conversation, key, code: answer.code })
      if (answer.code === 'conversation-closed') this.#ended.add(conversation)
      if (answer.code === 'not-joined') this.#send(conversation, { type: 'join' })
    })
  }

  /** Every answer on the wire counts, also for what an earlier load of the page sent. */
  #heard(frame: ServerFrame): void {
    if (frame.type === 'events') {
      const { conversation, events } = frame
      this.#world.see({ kind: 'delivered', page: this.#page(), conversation, events })
    }
    if (frame.type === 'refused' && frame.key !== undefined && frame.definite) this.#unanswered.delete(frame.key)
    if (frame.type !== 'ack') return
    const { conversation, key, seq } = frame
    if (this.#unanswered.delete(key)) this.acknowledged++
    this.#world.see({ kind: 'acknowledged', page: this.#page(), conversation, key, seq })
  }

  #talk(): void {
    this.#process.clock.after(this.plan.pauseMs * 2 * this.#random.fraction(), () => {
      if (!this.#quiet && this.#unanswered.size < UNANSWERED_MAX) this.#act()
      this.#talk()
    })
  }

  #act(): void {
    const conversation = this.#random.pick(this.plan.conversations.filter((each) => !this.#ended.has(each)))
    if (conversation === undefined) return
    const handle = this.#handles.get(conversation)
    const lot = this.#random.fraction()
    if (lot < 0.0005) this.#send(conversation, { type: 'close', reason: this.plan.isStaff ? 'by-agent' : 'by-visitor' })
    else if (lot < 0.003) for (let i = 1; i <= PASTED_LINES; i++) this.say(conversation, `line ${i} by ${this.name}`)
    else if (lot < 0.012) this.say(conversation, 'a page '.repeat(this.#random.whole(500, 2300)))
    else if (lot < 0.1) handle?.typing(true)
    else if (lot < 0.2) handle?.seen(handle.lastSeq)
    else if (lot < 0.3) for (let i = 1; i <= 5; i++) this.say(conversation, `burst ${i} by ${this.name}`)
    else if (lot < 0.4 && this.plan.isStaff) this.#send(conversation, { type: 'note', text: `a note by ${this.name}` })
    else this.say(conversation, `a message by ${this.name}`)
  }

  #reload(): void {
    if (this.#quiet) return
    const unsent = [...this.#handles.values()].some((handle) => handle.unsent.length > 0)
    if (unsent) this.#world.sometimes.saw('page reloaded with unsent messages')
    this.#world.tell(this.name, 'reloads')
    this.#closePage('reloading')
    this.#at(RELOAD_MS_MAX * this.#random.fraction(), () => this.#openPage())
  }

  #closePage(phase: 'reloading' | 'gone'): void {
    this.#phase = phase
    this.#world.kill(this.#process, this.name, 'exit')
  }

  #saved(text: string): void {
    this.#storage = text
  }

  /** What the operator's own server would answer: now and then it does not. */
  async #token(): Promise<string> {
    if (this.#random.chance(TOKEN_REFUSED_SHARE)) throw new Error('no token just now')
    const [only = ''] = this.plan.conversations
    const claims: Claims = this.plan.isStaff
      ? { kind: 'staff', subject: this.#participant, name: this.#participant, role: 'agent', scopes: ['conversations'] }
      : {
          kind: 'visitor',
          subject: this.#participant,
          name: this.#participant,
          conversation: only,
          system: 'simulated',
        }
    return simulatedTokens(() => this.#process.clock.wallMs()).issue(claims, this.plan.tokenMs)
  }

  #page(): PageLoad {
    const [only] = this.plan.conversations
    return {
      client: this.name,
      load: this.#load,
      participant: this.#participant,
      isStaff: this.plan.isStaff,
      ...(!this.plan.isStaff && only !== undefined && { conversation: only }),
    }
  }

  /** By the person's own clock, which no reload stops. */
  #at(afterMs: number, act: () => void): void {
    const { timeline } = this.#world
    timeline.at(timeline.now() + afterMs, act)
  }
}

function entriesIn(storage: string | undefined): readonly OutboxEntry[] {
  return JSON.parse(storage ?? '[]') as readonly OutboxEntry[]
}
