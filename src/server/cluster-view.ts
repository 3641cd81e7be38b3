import type { Clock } from '../base/clock.ts'
import { within } from '../base/deadline.ts'
import type { NodeName } from '../base/ids.ts'
import type { MetricName } from '../base/metrics.ts'
import type { Decision } from '../ops/decision-log.ts'
import type { ClusterAnswer, DamagedRow, DecisionRow, NodeAct, NodeRow, OwnedRow } from '../protocol/rest-answers.ts'
import { LEASE, type LogStore, type MemberRow } from '../store/log-store.ts'
import type { NodeFacade, NodeSupport, NodeView } from './node-facade.ts'

interface ClusterViewPorts {
  readonly node: NodeFacade
  readonly heads: Pick<LogStore, 'list' | 'damaged'>
  readonly clock: Clock
  readonly version: string
  readonly publicUrl: () => string
  readonly acts: readonly NodeAct[]
}

// A node that says nothing for this long is shown without what only it knows.
const VIEW_PATIENCE_MS = 500
// Lines of a log are more, and nobody watches a page meanwhile.
const SUPPORT_PATIENCE_MS = 5000
// A store that says nothing for this long is shown as one that holds nothing.
const STORE_PATIENCE_MS = 2000
const OWNERSHIP_MAX = 500
const DAMAGED_MAX = 20

export type Counters = Readonly<Partial<Record<MetricName, number>>>

/** The cluster as one node sees it: the members of its last beat, and what each of them answers right now. */
export class ClusterView {
  readonly #ports: ClusterViewPorts

  constructor(ports: ClusterViewPorts) {
    this.#ports = ports
  }

  async cluster(): Promise<ClusterAnswer> {
    const { node, version, clock } = this.#ports
    const [views, ownership, damaged] = await Promise.all([this.views(), this.ownership(), this.#damaged()])
    const rows = newestRuns(node.members()).map((member) => this.#row(member, views.get(member.node)))
    const owned = rows.reduce((sum, row) => sum + (row.state === 'dead' ? 0 : row.owned), 0)
    return {
      node: node.self().node,
      version,
      publicUrl: this.#ports.publicUrl(),
      at: clock.wallMs(),
      nodes: rows.sort((a, b) => (a.name < b.name ? -1 : 1)),
      ownership,
      openConversations: ownership.length < OWNERSHIP_MAX ? ownership.length : Math.max(owned, ownership.length),
      damaged,
      counters: sumOf([...views.values()].map((view) => view.counters)),
      acts: this.#ports.acts,
    }
  }

  /** Open conversations and their owners, the latest changed first. A store that is away answers with none. */
  async ownership(): Promise<readonly OwnedRow[]> {
    const heads = this.#ports.heads.list({ status: 'open', limit: OWNERSHIP_MAX }).catch(() => [])
    const rows = await within(this.#ports.clock, STORE_PATIENCE_MS, heads, [])
    return rows.map(({ conversation, epoch, owner }) => ({
      conversation,
      epoch,
      ...(owner ? { owner: owner.node } : {}),
    }))
  }

  async #damaged(): Promise<readonly DamagedRow[]> {
    const damaged = this.#ports.heads.damaged(DAMAGED_MAX).catch(() => [])
    return within(this.#ports.clock, STORE_PATIENCE_MS, damaged, [])
  }

  /** What each living node tells of itself, as far as it answers in time. */
  async views(): Promise<ReadonlyMap<NodeName, NodeView>> {
    return (await this.#askAll('view', {})) as ReadonlyMap<NodeName, NodeView>
  }

  /** The latest decisions of all living nodes, oldest first. */
  async decisions(limit: number): Promise<readonly DecisionRow[]> {
    const answers = (await this.#askAll('decisions', { limit })) as ReadonlyMap<NodeName, readonly Decision[]>
    const incarnations = new Map(this.#ports.node.members().map(({ node, incarnation }) => [node, incarnation]))
    const rows = [...answers].flatMap(([node, decisions]) =>
      decisions.map(({ n, ...decision }) => ({ id: `${incarnations.get(node) ?? node}:${n}`, ...decision })),
    )
    return rows.sort((a, b) => a.at - b.at).slice(-limit)
  }

  /** What each living node tells for a support bundle. */
  async support(): Promise<ReadonlyMap<NodeName, NodeSupport>> {
    return (await this.#askAll('support', {}, SUPPORT_PATIENCE_MS)) as ReadonlyMap<NodeName, NodeSupport>
  }

  async #askAll(
    question: string,
    body: unknown,
    patienceMs = VIEW_PATIENCE_MS,
  ): Promise<ReadonlyMap<NodeName, unknown>> {
    const { node, clock } = this.#ports
    const living = node.members().filter((member) => stateOf(member) !== 'dead')
    const answers = await Promise.all(
      living.map(async ({ node: name }) => {
        const answer = node.inspect(name, question, body, patienceMs).catch(() => undefined)
        return [name, await within(clock, patienceMs, answer, undefined)] as const
      }),
    )
    return new Map(answers.filter(([, answer]) => answer !== undefined))
  }

  #row(member: MemberRow, view: NodeView | undefined): NodeRow {
    const self = member.incarnation === this.#ports.node.self().incarnation
    return {
      name: member.node,
      role: roleOf(member),
      mode: member.mode,
      state: self ? 'live' : stateOf(member),
      incarnation: member.incarnation,
      version: member.version,
      beatAgeMs: self ? 0 : Math.round(member.beatAgeMs),
      owned: member.owned,
      attached: member.attached,
      sockets: view?.counters.sockets ?? 0,
      url: member.httpUrl,
      supervised: view?.supervised ?? false,
      ...(view ? { startedAt: view.startedAt } : {}),
    }
  }
}

/** A node that was restarted is one node: its living run, or the one that was heard of last. */
export function newestRuns(members: readonly MemberRow[]): readonly MemberRow[] {
  const newest = new Map<NodeName, MemberRow>()
  for (const member of members) {
    const other = newest.get(member.node)
    const better = !other || (other.tombstoned && !member.tombstoned)
    if (better || (other.tombstoned === member.tombstoned && member.beatAgeMs < other.beatAgeMs))
      newest.set(member.node, member)
  }
  return [...newest.values()]
}

/** As the last beat tells: tombstoned or silent for good is dead, silent past its lease is suspect. */
export function stateOf(member: MemberRow): NodeRow['state'] {
  if (member.tombstoned || member.beatAgeMs > LEASE.silentAdoptionMs) return 'dead'
  return member.beatAgeMs > LEASE.leaseMs ? 'suspect' : 'live'
}

export function roleOf({ roles }: Pick<MemberRow, 'roles'>): NodeRow['role'] {
  if (roles.includes('backup')) return 'backup'
  if (roles.includes('chat')) return roles.includes('edge') ? 'all' : 'chat'
  return 'edge'
}

/** The sums of all nodes' numbers: what one node counted stays counted when its conversations move. */
export function sumOf(all: readonly Counters[]): Counters {
  const sums: Partial<Record<MetricName, number>> = {}
  for (const counters of all)
    for (const [name, value] of Object.entries(counters) as [MetricName, number][])
      sums[name] = (sums[name] ?? 0) + value
  return sums
}
