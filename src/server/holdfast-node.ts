import type { Clock } from '../base/clock.ts'
import type { ConversationId, Incarnation, NodeName, Owner } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { MetricName, Metrics } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import { Adoption } from '../cluster/adoption.ts'
import { EdgeRelay } from '../cluster/edge-relay.ts'
import { Membership } from '../cluster/membership.ts'
import type { Network } from '../cluster/network.ts'
import { PeerLinks } from '../cluster/peer-links.ts'
import { type AskHandler, RelayHost } from '../cluster/relay-host.ts'
import { EVENT_FORMAT } from '../conversation/event-json.ts'
import type { ConversationPort } from '../protocol/conversation-port.ts'
import { type DrainProgress, type DrainReport, drain } from '../rollout/drain-driver.ts'
import { FencedLog } from '../store/fenced-log.ts'
import type { LogStore, MemberFacts, MemberRow, MemberStore } from '../store/log-store.ts'
import { HANDOVER, Handover, RELOCATE, YIELD } from './handover.ts'
import type { NodeSettings } from './node-settings.ts'
import { Owners, type OwnersNode } from './owners.ts'
import type { Posts } from './posts.ts'

/** The outside world of a node. The simulator replaces all of it. */
export interface NodePorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly logStore: LogStore
  readonly memberStore: MemberStore
  readonly network: Network
  readonly posts?: Posts
  /** Ends the process: another one took this node's name while it was declared dead. */
  readonly fatal?: (reason: string) => void
}

type NodeMode = 'enabled' | 'disabled' | 'draining'

interface NodeStatus {
  readonly node: NodeName
  readonly incarnation: Incarnation
  readonly roles: readonly string[]
  readonly mode: NodeMode
  readonly version: string
  readonly leaseHeld: boolean
  readonly store: 'available' | 'unavailable'
  readonly owned: number
  readonly counters: Readonly<Record<MetricName, number>>
}

interface DrainOptions {
  readonly deadlineMs: number
  /** Wait for the conversations to end instead of moving them. */
  readonly finish: boolean
  readonly onProgress?: (progress: DrainProgress) => void
}

// How long one node waits for another's answer to an operator's request.
const INSPECT_PATIENCE_MS = 5000
// Without a peer that is well for so long, a node lets go of what it owns. The silence that made them suspect has passed
// already; this is a beat and a little, so that those who are gone have missed one in the store, too. Clients wait less
// than two seconds in all.
const CUT_OFF_MS = 250

/**
 * One node without sockets, pages or processes: membership, links, ownership and relay on the ports above. Channels
 * reach conversations by `conversations`, wherever in the cluster they are owned.
 */
export class HoldfastNode {
  readonly conversations: ConversationPort
  readonly #ports: NodePorts
  readonly #settings: NodeSettings
  readonly #membership: Membership
  readonly #links: PeerLinks
  readonly #relay: RelayHost
  readonly #fencedLog: FencedLog
  readonly #owners: Owners | undefined
  readonly #handover: Handover | undefined
  readonly #adoption: Adoption | undefined
  #mode: NodeMode = 'enabled'
  #stopping = false

  constructor(ports: NodePorts, settings: NodeSettings) {
    const { clock, random, log, metrics, logStore } = ports
    this.#ports = ports
    this.#settings = settings
    this.#membership = new Membership({ clock, random, log, metrics, store: ports.memberStore }, settings.node, () =>
      this.#facts(),
    )
    this.#links = new PeerLinks({ clock, log, metrics, network: ports.network }, this.#membership)
    this.#relay = new RelayHost({ peers: this.#links, clock, log, metrics })
    this.#fencedLog = new FencedLog({
      store: logStore,
      clock,
      log,
      metrics,
      self: () => this.self(),
      policy: { resendAttempts: settings.resendAttempts, resendDelayMs: settings.resendDelayMs },
    })
    if (settings.roles.some((role) => role !== 'edge')) {
      this.#owners = new Owners(this.#ownersNode())
      this.#relay.serve(this.#owners)
      this.#adoption = new Adoption({ clock, log, metrics, store: logStore }, this.#membership, this.#owners)
      this.#handover = new Handover({
        clock,
        log,
        metrics,
        store: logStore,
        owners: this.#owners,
        self: () => this.self(),
        ask: (to, kind, body, patienceMs) => this.#ask(to, kind, body, patienceMs),
      })
    }
    this.conversations = new EdgeRelay({
      peers: this.#links,
      clock,
      random,
      log,
      metrics,
      host: this.#relay,
      local: this.#owners,
      findOwner: (conversation) => this.#findOwner(conversation),
      relocate: (conversation, by, owner) => void this.#relay.ask(by, RELOCATE, { conversation, owner }),
    })
    this.#answerQuestions()
  }

  /** Joins the cluster; throws `NameTaken` when a living node has this name. */
  async start(): Promise<void> {
    this.#membership.onLost(() => void this.#liveOn())
    this.#membership.onChange(() => this.#fencedLog.storeAnswered())
    await this.#membership.start()
    this.#links.start()
    this.#owners?.start()
    this.#adoption?.start()
    this.#membership.refresh()
  }

  /** Leaves: whoever is left adopts what was not handed over before. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#adoption?.stop()
    this.#owners?.stop()
    await this.#membership.stop()
    this.#links.stop()
  }

  self(): Owner {
    return this.#membership.self()
  }

  members(): readonly MemberRow[] {
    return this.#membership.members()
  }

  leaseHeld(): boolean {
    return this.#membership.leaseHeld()
  }

  /** Milliseconds since 1970 by the store's clock. */
  storeNow(): number {
    return this.#membership.storeNow()
  }

  storeAvailability(): 'available' | 'unavailable' {
    return this.#fencedLog.availability()
  }

  mode(): NodeMode {
    return this.#mode
  }

  /** `disabled`: opens no new conversations; those that run go on (GE11). */
  setMode(mode: 'enabled' | 'disabled'): void {
    this.#become(mode, `An operator ${mode} the node.`)
  }

  status(): NodeStatus {
    return {
      ...this.self(),
      roles: this.#settings.roles,
      mode: this.#mode,
      version: this.#settings.version,
      leaseHeld: this.leaseHeld(),
      store: this.storeAvailability(),
      owned: this.#owners?.size ?? 0,
      counters: this.#ports.metrics.read(),
    }
  }

  /** What this node owns, for the operator's map. */
  owned(): readonly { conversation: ConversationId; epoch: number; seq: number; status: string; attached: number }[] {
    return (this.#owners?.owned() ?? []).map(({ conversation, epoch, headSeq, status, attached }) => ({
      conversation,
      epoch,
      seq: headSeq,
      status,
      attached,
    }))
  }

  /** Gives every conversation away; the node stays `draining` until it is enabled again or stopped. */
  async drain({ deadlineMs, finish, onProgress }: DrainOptions): Promise<DrainReport> {
    this.#become(
      finish ? 'disabled' : 'draining',
      finish ? 'The node waits for its conversations to end.' : 'The node gives all conversations away.',
    )
    const drainable = {
      owned: () => this.#openConversations(finish),
      successors: (conversation: ConversationId) =>
        this.#links.preferred(conversation).filter((id) => id !== this.self().incarnation),
      give: (conversations: readonly ConversationId[], to: Incarnation, why: string) =>
        this.#give(conversations, to, why),
    }
    const report = await drain(drainable, {
      clock: this.#ports.clock,
      deadlineMs,
      finish,
      ...(onProgress && { onProgress }),
    })
    this.#ports.log.decision(
      'drain',
      `Drain ended ${report.kind}: ${report.moved} conversations moved, ${report.left} left.`,
    )
    return report
  }

  /** Hands one conversation of this node to another node. `false`: it stayed. */
  async move(conversation: ConversationId, to: NodeName): Promise<boolean> {
    const incarnation = this.#links.incarnationOf(to)
    return incarnation !== undefined && (await this.#give([conversation], incarnation, 'an operator moved it')) === 1
  }

  /** Answers a kind of question that other nodes ask by `inspect`. */
  onInspect(request: string, handler: AskHandler): void {
    this.#relay.onAsk(request, handler)
  }

  /** Asks a node by name, itself included; rejects with a sentence for the operator when it does not answer. */
  async inspect(
    node: NodeName,
    request: string,
    body: unknown = null,
    patienceMs = INSPECT_PATIENCE_MS,
  ): Promise<unknown> {
    const incarnation = node === this.#settings.node ? this.self().incarnation : this.#links.incarnationOf(node)
    if (incarnation === undefined) throw new Error(`There is no living node called ${node}.`)
    return this.#ask(incarnation, request, body, patienceMs)
  }

  #facts(): MemberFacts {
    const settings = this.#settings
    return {
      relayAddress: settings.relayAddress(),
      httpUrl: settings.httpUrl(),
      roles: settings.roles,
      mode: this.#mode,
      version: settings.version,
      formatReads: EVENT_FORMAT,
      owned: this.#owners?.size ?? 0,
      attached: this.#ports.metrics.read().conversations_attached,
    }
  }

  #ownersNode(): OwnersNode {
    const { clock, log, metrics, logStore: store, posts } = this.#ports
    return {
      ...(posts && { posts }),
      clock,
      log,
      metrics,
      store,
      fencedLog: this.#fencedLog,
      limits: this.#settings.owner,
      settings: this.#settings.owners,
      opens: this.#settings.roles.includes('chat'),
      self: () => this.self(),
      storeNow: () => this.storeNow(),
      leaseHeld: () => this.#membership.leaseHeld(),
      format: () => Math.min(EVENT_FORMAT, ...this.members().map(({ formatReads }) => formatReads)),
      whenHeld: () => this.#membership.whenHeld(),
      mode: () => this.#mode,
      cutOff: () => this.#links.cutOffForMs() >= CUT_OFF_MS,
      announce: (owned) => {
        const owner = this.self().incarnation
        this.#relay.announce(owned.map(({ conversation, epoch }) => ({ conversation, epoch, owner })))
      },
    }
  }

  #answerQuestions(): void {
    this.#relay.onAsk(HANDOVER, async (body, from) => this.#handover?.take(body, from) ?? { taken: [] })
    this.#relay.onAsk(RELOCATE, async (body) => this.#handover?.relocate(body))
    this.#relay.onAsk(YIELD, async (body, from) => this.#handover?.yield(body, from))
    this.#relay.onAsk('status', async () => this.status())
    this.#relay.onAsk('owned', async () => this.owned())
  }

  /** The store declared this incarnation dead: all it owned is somebody else's now, but the clients' sockets stay. */
  async #liveOn(): Promise<void> {
    this.#owners?.dropAll()
    if (this.#stopping) return
    try {
      await this.#membership.rejoin()
    } catch (error) {
      return this.#ports.fatal?.(error instanceof Error ? error.message : String(error))
    }
    this.#links.reset()
    this.#membership.refresh()
  }

  #become(mode: NodeMode, reason: string): void {
    if (mode === this.#mode) return
    this.#mode = mode
    this.#ports.log.decision('mode', reason, { node: this.#settings.node, mode })
    this.#membership.refresh()
  }

  #openConversations(finish: boolean): readonly ConversationId[] {
    const owned = this.#owners?.owned() ?? []
    return owned.filter(({ status }) => !finish || status === 'open').map(({ conversation }) => conversation)
  }

  async #give(conversations: readonly ConversationId[], to: Incarnation, why: string): Promise<number> {
    const owners = conversations.flatMap((conversation) => this.#owners?.get(conversation) ?? [])
    const successor = this.members().find(({ incarnation }) => incarnation === to)
    if (!successor || owners.length === 0 || !this.#handover) return 0
    return this.#handover.give(owners, { node: successor.node, incarnation: successor.incarnation }, why)
  }

  async #ask(to: Incarnation, kind: string, body: unknown, patienceMs: number): Promise<unknown> {
    const outcome = await this.#relay.ask(to, kind, body, patienceMs)
    if (outcome.kind === 'failed') throw new Error(outcome.reason)
    return outcome.body
  }

  /** Where the store says a conversation is, for an edge that was sent around in circles. */
  async #findOwner(conversation: ConversationId): Promise<Incarnation | undefined> {
    return this.#ports.logStore.ownerOf(conversation).then(
      (owner) => owner?.incarnation,
      () => undefined,
    )
  }
}

/** Builds a node; nothing happens before `start`. */
export function createNode({ settings, ...ports }: NodePorts & { readonly settings: NodeSettings }): HoldfastNode {
  return new HoldfastNode(ports, settings)
}
