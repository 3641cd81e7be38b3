import { assert } from '../base/assertion.ts'
import { idFromBits } from '../base/ids.ts'
import { SimulatedClient } from './simulated-client.ts'
import { EXACT_TIME } from './simulated-clock.ts'
import { DATABASE_HOST } from './simulated-database.ts'
import { openClientDoor } from './simulated-door.ts'
import { SimulatedNode } from './simulated-node.ts'
import { SimulatedWorld } from './simulated-world.ts'

const CONVERSATION = idFromBits(4711n)
const PATIENCE_MS = 60_000
const WARM_UP_MS = 2000
/** Durations are told as the first of these that is not exceeded, so that a transcript does not change with each draw. */
const WITHIN_MS = [10, 25, 50, 100, 250, 500, 1000, 2000, 5000, 10_000, 20_000, PATIENCE_MS]
const SUPERVISOR_MS = 20

/** A small cluster, one conversation and some people, driven word by word by a transcript. */
export class ScenarioStage {
  readonly #decisions: string[] = []
  readonly #world = new SimulatedWorld({
    seed: 1,
    traceSink: (line) => {
      const decision = /^\s*[\d.]+ (\S+)\s+\[([\w-]+)\] (.*)$/.exec(line)
      if (decision) this.#decisions.push(`${decision[1]} [${decision[2]}] ${decision[3]}`)
    },
  })
  readonly #nodes = new Map<string, SimulatedNode>()
  readonly #people = new Map<string, SimulatedClient>()
  #mends: (() => void)[] = []

  async cluster(edges: number, chats: number, backups: number): Promise<string> {
    const names = (count: number, kind: string) => Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`)
    const edgeNames = names(edges, 'edge')
    for (const name of [...edgeNames, ...names(chats, 'chat'), ...names(backups, 'backup')]) this.#add(name, edgeNames)
    for (const node of this.#nodes.values()) node.start()
    await this.#pass(WARM_UP_MS)
    return `${[...this.#nodes.keys()].join(', ')} are up`
  }

  async comes(person: string, isStaff: boolean): Promise<string> {
    const edges = [...this.#nodes.keys()].filter((name) => name.startsWith('edge'))
    const conversations = [CONVERSATION]
    const plan = { name: person, isStaff, conversations, beginsAtMs: 0, pauseMs: 1e9, tokenMs: 1e9 }
    const client = new SimulatedClient(this.#world, plan, edges)
    this.#people.set(person, client)
    client.quieten()
    client.start()
    const tookMs = await this.#until(() => client.trouble === undefined)
    return `${person} is ${client.states.at(-1)} ${tookMs}`
  }

  async says(person: string, text: string): Promise<string> {
    const client = this.#person(person)
    client.say(CONVERSATION, text)
    const tookMs = await this.#until(() => client.unanswered === 0)
    const record = this.#world.ledger.records(CONVERSATION).findLast(({ sender }) => sender === person)
    return `in the log at seq ${record?.seq}, answered ${tookMs}`
  }

  /** Gives the command to the page and waits for nothing. */
  writes(person: string, text: string): string {
    const client = this.#person(person)
    client.say(CONVERSATION, text)
    return `${person} has pressed return`
  }

  async sees(person: string): Promise<string> {
    const client = this.#person(person)
    await this.#until(() => client.trouble === undefined)
    const events = client.read.map(({ seq, type, from, body }) =>
      `${seq} ${type} by ${from} ${'text' in body ? body.text : ''}`.trimEnd(),
    )
    return [...events, `shown: ${client.states.join(', ')}`].join('\n')
  }

  owner(): string {
    const { ledger } = this.#world
    const owner = ledger.presentOwner(CONVERSATION)
    return `${owner?.node ?? 'nobody'} at epoch ${ledger.epoch(CONVERSATION)}`
  }

  async kill(name: string): Promise<string> {
    const node = this.#node(name)
    node.crash('exit')
    await this.#pass(SUPERVISOR_MS)
    await this.#world.memberStore.tombstoneName(node.name, 'its process exited')
    return `${node.name} is dead, and its supervisor has told the store`
  }

  /** The machine is gone: nobody tells anybody. */
  powerOff(name: string): string {
    const node = this.#node(name)
    node.crash('power')
    return `${node.name} is silent`
  }

  async restart(name: string): Promise<string> {
    this.#node(name).start()
    await this.#pass(WARM_UP_MS)
    return `${name} is up again`
  }

  /** Stands still; wakes after `forMs`, at the earliest when the transcript lets so much time pass. */
  pause(name: string, forMs: number): string {
    const node = this.#node(name)
    node.pause()
    this.#world.timeline.at(this.#world.timeline.now() + forMs, () => node.wake('input'))
    return `${node.name} stands still for ${forMs} ms`
  }

  stopDatabase(forMs: number): string {
    const { database, timeline } = this.#world
    database.stop()
    timeline.at(timeline.now() + forMs, () => database.start())
    return `${DATABASE_HOST} has broken all connections and is back after ${forMs} ms`
  }

  cut(one: string, other: string): string {
    const [a, b] = [this.#hostOf(one), this.#hostOf(other)]
    this.#mends.push(this.#world.wires.cut([a], [b]), this.#world.wires.cut([b], [a]))
    return `${a} and ${b} do not hear each other`
  }

  /** A wire that is cut in one direction alone. */
  deafen(deaf: string, other: string): string {
    const [to, from] = [this.#hostOf(deaf), this.#hostOf(other)]
    this.#mends.push(this.#world.wires.cut([from], [to]))
    return `${to} does not hear ${from}, which hears it`
  }

  /** Statements take place, and their callers are left in doubt. */
  loseReplies(forMs: number): string {
    const { database, timeline } = this.#world
    const { mood } = database
    database.mood = { ...mood, replyLostShare: 1 }
    timeline.at(timeline.now() + forMs, () => {
      database.mood = mood
    })
    return `${DATABASE_HOST} carries everything out, and for ${forMs} ms nobody hears of it`
  }

  /** As an operator does on the cluster page. */
  async move(to: string): Promise<string> {
    const { node, process, name } = this.#node('owner')
    assert(node, 'the owner is up')
    let moved: boolean | undefined
    process.deliver(0, 'input', 'move', () => {
      void node.move(CONVERSATION, to).then((done) => {
        moved = done
      })
    })
    const took = await this.#until(() => moved !== undefined)
    return moved ? `${name} gave it to ${to} ${took}` : `it stayed at ${name}`
  }

  mend(): string {
    for (const mend of this.#mends.splice(0)) mend()
    return 'all wires are whole'
  }

  async drain(name: string): Promise<string> {
    const { node, process, name: drained } = this.#node(name)
    assert(node, `${name} is up`)
    let report: Awaited<ReturnType<typeof node.drain>> | undefined
    process.deliver(0, 'input', 'drain', () => {
      void node.drain({ deadlineMs: PATIENCE_MS, finish: false }).then((done) => {
        report = done
      })
    })
    const took = await this.#until(() => report !== undefined)
    return `${drained} is ${report?.kind}: ${report?.moved} moved, ${report?.left} left, ${took}`
  }

  async wait(ms: number): Promise<string> {
    await this.#pass(ms)
    return `${ms} ms later`
  }

  /** Decisions of these kinds since the last look, in order. */
  decisions(kinds: readonly string[]): string {
    const told = this.#decisions.splice(0).filter((line) => kinds.some((kind) => line.includes(`[${kind}]`)))
    return told.length === 0 ? 'none' : told.join('\n')
  }

  /** No rule was broken so far; the sentence of the one that was, else. */
  verdict(): string {
    const { violation } = this.#world.referee
    return violation ? `${violation.rule}: ${violation.sentence}` : 'no rule was broken'
  }

  #add(name: string, edges: readonly string[]): void {
    const world = this.#world
    const role = (['edge', 'backup'] as const).find((each) => name.startsWith(each)) ?? 'chat'
    const plan = { name, roles: [role], ...EXACT_TIME, restAfterMs: 30_000, snapshotEvery: 20 } as const
    const companion: ConstructorParameters<typeof SimulatedNode>[2] = {
      companion: ({ conversations }, ports, process) => {
        if (role === 'edge') openClientDoor(world, { name, process, ports, conversations, edges })
      },
    }
    this.#nodes.set(name, new SimulatedNode(world, plan, companion))
  }

  /** A node by its name, or by what it is now. */
  #node(name: string): SimulatedNode {
    const node = this.#nodes.get(this.#hostOf(name))
    assert(node, `there is a node called ${name}`)
    return node
  }

  #hostOf(name: string): string {
    return name === 'owner' ? (this.#world.ledger.presentOwner(CONVERSATION)?.node ?? 'nobody') : name
  }

  #person(name: string): SimulatedClient {
    const person = this.#people.get(name)
    assert(person, `there is a person called ${name}`)
    return person
  }

  async #pass(ms: number): Promise<void> {
    await this.#world.run(this.#world.timeline.now() + ms)
  }

  async #until(done: () => boolean): Promise<string> {
    const beganMs = this.#world.timeline.now()
    const came = await this.#world.run(beganMs + PATIENCE_MS, done)
    const tookMs = this.#world.timeline.now() - beganMs
    return came ? `within ${WITHIN_MS.find((limit) => tookMs <= limit)} ms` : `not within ${PATIENCE_MS} ms`
  }
}
