import type { ConversationId, Seq } from '../base/ids.ts'
import type {
  Attachment,
  ConversationPort,
  Submission,
  SubmitReply,
  Subscriber,
} from '../protocol/conversation-port.ts'
import type { NodePorts } from '../server/holdfast-node.ts'
import type { PageLoad } from './observation.ts'
import type { ClientPlan } from './run-plan.ts'
import type { PipeEnd } from './simulated-pipe.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { SimulatedRandom } from './simulated-random.ts'
import type { SimulatedWorld } from './simulated-world.ts'

type Up = { t: 'attach'; c: string; after: number } | { t: 'submit'; id: number; c: string; s: Submission }
type Down = { t: 'event'; c: string; e: { seq: number; type: string } } | { t: 'reply'; id: number; r: SubmitReply }

/** Stand-in for the channel. */
export function openClientDoor(
  world: SimulatedWorld,
  {
    name,
    conversations,
    process,
  }: { name: string; conversations: ConversationPort; process: SimulatedProcess; ports: NodePorts },
): void {
  world.sockets.open(`${name}:socket`, {
    process,
    host: name,
    greeting: () => name,
    accept: (end, guest) => {
      const attachments: Attachment[] = []
      const staff = guest.startsWith('agent')
      end.listener = {
        arrived: (payload) => {
          const up = JSON.parse(String(payload)) as Up
          if (up.t === 'attach') {
            const subscriber: Subscriber = {
              events: (c, records) => {
                for (const r of records)
                  end.send(
                    JSON.stringify({
                      t: 'event',
                      c,
                      e: r.audience === 'staff' && !staff ? { type: 'skip', seq: r.seq } : JSON.parse(r.json),
                    }),
                  )
              },
              ephemeral() {},
              status() {},
              ended: () => end.close(1000, 'ended'),
            }
            attachments.push(conversations.attach(up.c, up.after, subscriber))
          } else
            void conversations.submit(up.c, up.s).then((r) => end.send(JSON.stringify({ t: 'reply', id: up.id, r })))
        },
        closed: () => {
          for (const a of attachments) a.detach()
        },
      }
    },
  })
}

export class SimulatedClient {
  readonly plan: ClientPlan
  readonly #world: SimulatedWorld
  readonly #edges: readonly string[]
  readonly #random: SimulatedRandom
  #process: SimulatedProcess
  #end: PipeEnd | undefined
  #load = 1
  #n = new Map<ConversationId, number>()
  #outbox: { c: ConversationId; s: Submission; id: number; sent: boolean }[] = []
  #applied = new Map<ConversationId, Seq>()
  #ids = 0
  #connecting = false
  #stopped = false
  acknowledged = 0
  #left = false
  #lastHeard = 0
  constructor(world: SimulatedWorld, plan: ClientPlan, edges: readonly string[]) {
    this.#world = world
    this.plan = plan
    this.#edges = edges
    this.#random = world.random.fork(plan.name)
    this.#process = world.process(plan.name)
  }
  start() {
    if (this.plan.leavesAtMs !== undefined)
      this.#process.deliver(this.plan.leavesAtMs, 'timer', 'leaves', () => {
        this.#left = true
        this.#end?.close(1000, 'done')
        this.#outbox = []
        this.#process.kill()
      })
    this.#process.deliver(this.plan.beginsAtMs, 'timer', 'page opens', () => {
      if (!this.plan.isStaff)
        for (const c of this.plan.conversations) this.#submit(c, { type: 'open', mode: 'live' }, 'open')
      else for (const c of this.plan.conversations) this.#submit(c, { type: 'join' }, 'join')
      this.#connect()
      this.#talk()
      this.#tick()
    })
  }
  quieten() {
    this.#stopped = true
  }
  sayLast() {
    if (this.#left) return
    for (const c of this.plan.conversations) this.#message(c)
  }
  get trouble(): string | undefined {
    if (this.#left) return undefined
    if (this.#outbox.length) return `${this.plan.name} has ${this.#outbox.length} unsent`
    for (const c of this.plan.conversations)
      if ((this.#applied.get(c) ?? 0) !== this.#world.ledger.headSeq(c))
        return `${this.plan.name} has ${this.#applied.get(c)} of ${this.#world.ledger.headSeq(c)} in ${c}`
    return undefined
  }
  #page(): PageLoad {
    const [only] = this.plan.conversations
    return {
      client: this.plan.name,
      load: this.#load,
      participant: this.plan.name,
      isStaff: this.plan.isStaff,
      ...(!this.plan.isStaff && only ? { conversation: only } : {}),
    }
  }
  #tick() {
    this.#process.deliver(500, 'timer', 'tick', () => {
      if (this.#end && this.#process.clock.monotonicMs() - this.#lastHeard > 5000 && this.#outbox.length) {
        this.#end.close(1000, 'silent')
        this.#end = undefined
      }
      if (!this.#end && !this.#connecting) this.#connect()
      this.#tick()
    })
  }
  #talk() {
    this.#process.deliver(this.plan.pauseMs * 2 * this.#random.fraction(), 'timer', 'talk', () => {
      if (this.#stopped) return
      const c = this.#random.pick(this.plan.conversations)
      if (c && this.#outbox.length < 50) this.#message(c)
      this.#talk()
    })
  }
  #message(c: ConversationId) {
    const key = `k${this.#ids + 1}`
    this.#submit(c, { type: 'message', format: 'text', text: `${key} of ${this.plan.name}` }, key)
  }
  #submit(c: ConversationId, command: Submission['command'], key: string) {
    const n = (this.#n.get(c) ?? 0) + 1
    const mayCount = command.type === 'message'
    if (mayCount) this.#n.set(c, n)
    const s: Submission = {
      sender: { id: this.plan.name, role: this.plan.isStaff ? 'agent' : 'visitor', name: this.plan.name },
      key,
      ...(mayCount ? { origin: { instance: `${this.plan.name}.${this.#load}`, n, floor: 1 } } : {}),
      command,
    }
    const entry = { c, s, id: ++this.#ids, sent: false }
    this.#outbox.push(entry)
    this.#world.see({ kind: 'sent', page: this.#page(), conversation: c, key, text: '' })
    this.#flush()
  }
  #flush() {
    const end = this.#end
    if (!end) return
    for (const e of this.#outbox) {
      if (
        e.s.command.type === 'message' &&
        this.#outbox.some((o) => o.c === e.c && (o.s.key === 'open' || o.s.key === 'join'))
      )
        continue
      if (e.sent) continue
      e.sent = true
      end.send(JSON.stringify({ t: 'submit', id: e.id, c: e.c, s: e.s }))
    }
  }
  #connect() {
    const edge = this.#random.pick(this.#edges) ?? ''
    this.#connecting = true
    this.#world.sockets
      .connect({ process: this.#process, host: this.plan.name }, `${edge}:socket`, this.plan.name, edge)
      .then(
        ({ end }) => {
          this.#connecting = false
          this.#end = end
          this.#lastHeard = this.#process.clock.monotonicMs()
          end.listener = {
            arrived: (p) => this.#arrived(JSON.parse(String(p)) as Down),
            closed: () => {
              if (this.#end === end) this.#end = undefined
            },
          }
          for (const e of this.#outbox) e.sent = false
          for (const c of this.plan.conversations)
            if (!this.#outbox.some((o) => o.c === c && (o.s.key === 'open' || o.s.key === 'join'))) this.#attach(c)
          this.#flush()
        },
        () => {
          this.#connecting = false
        },
      )
  }
  #attach(c: string) {
    this.#end?.send(JSON.stringify({ t: 'attach', c, after: this.#applied.get(c) ?? 0 }))
  }
  #arrived(d: Down) {
    this.#lastHeard = this.#process.clock.monotonicMs()
    if (d.t === 'event') {
      if (d.e.seq <= (this.#applied.get(d.c) ?? 0)) return
      this.#applied.set(d.c, d.e.seq)
      this.#world.see({ kind: 'applied', page: this.#page(), conversation: d.c, event: d.e })
      return
    }
    const entry = this.#outbox.find((e) => e.id === d.id)
    if (!entry) return
    if (d.r.kind === 'ack') {
      this.acknowledged++
      this.#outbox = this.#outbox.filter((e) => e !== entry)
      this.#world.see({
        kind: 'acknowledged',
        page: this.#page(),
        conversation: entry.c,
        key: entry.s.key,
        seq: d.r.seq,
      })
      if (entry.s.key === 'open' || entry.s.key === 'join') this.#attach(entry.c)
    } else {
      const code = d.r.code
      this.#world.tell(this.plan.name, `refused ${code} ${entry.s.key}`)
      if (['conversation-closed', 'superseded', 'already-joined'].includes(code)) {
        this.#outbox = this.#outbox.filter((e) => e !== entry)
        this.#world.see({ kind: 'refused', page: this.#page(), conversation: entry.c, key: entry.s.key, code })
        if (entry.s.key === 'open' || entry.s.key === 'join') this.#attach(entry.c)
      } else
        this.#process.deliver(d.r.retryAfterMs ?? 300, 'timer', 'retry', () => {
          entry.sent = false
          this.#flush()
        })
    }
    this.#flush()
  }
}
