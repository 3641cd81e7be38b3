import type { NodeName } from '../base/ids.ts'
import type { ClusterAnswer, NodeRow } from '../protocol/rest-answers.ts'

/** What a rehearsal does, in this order. `hand`: the operator harms the node, we watch. */
export const REHEARSAL_STEPS = ['drain', 'kill', 'cut', 'hand'] as const

export type RehearsalStep = (typeof REHEARSAL_STEPS)[number]

/** A step as it is put to the operator. */
export interface PlannedStep {
  readonly step: RehearsalStep
  /** Whom it hits; absent: our own clients. */
  readonly node?: NodeName
  /** What will happen, as a question to be answered by yes or no. */
  readonly question: string
  /** Bar for the canary that waits longest. */
  readonly gapMsMax: number
  /** Clients hang on other nodes than the one that is hit: not one of their sockets may close. */
  readonly keepsSockets: boolean
  /** Why it cannot be done here. */
  readonly leftOut?: string
}

/** The cluster, or what was asked of it, does not fit; the message is for the operator. */
export class CannotRehearse extends Error {
  override readonly name = 'CannotRehearse'
}

type Part = 'chat' | 'edge'

// The bars of docs/proof.md; a client that loses its socket has to find another one.
const DRAIN_GAP_MS_MAX: Readonly<Record<Part, number>> = { chat: 500, edge: 2000 }
const KILL_GAP_MS_MAX: Readonly<Record<Part, number>> = { chat: 1000, edge: 2000 }
const CUT_GAP_MS_MAX = 2000
const SILENCE_GAP_MS_MAX = 2000

/** The node that the steps hit: the one asked for, else the chat node that owns most. Throws `CannotRehearse`. */
export function rehearsedNode({ nodes }: Pick<ClusterAnswer, 'nodes'>, asked?: NodeName): NodeRow {
  const living = nodes.filter(({ state }) => state !== 'dead')
  const chats = living.filter((row) => isPart(row, 'chat'))
  const node = asked === undefined ? most(chats) : living.find(({ name }) => name === asked)
  if (!node && asked === undefined) throw new CannotRehearse('The cluster has no living chat node.')
  if (!node)
    throw new CannotRehearse(
      `No living node is called ${asked}. There are ${living.map(({ name }) => name).join(', ')}.`,
    )
  const part = partOf(node)
  const peers = living.filter((row) => row.name !== node.name && isPart(row, part) && serves(row))
  if (peers.length === 0)
    throw new CannotRehearse(
      `The cluster is too small: ${node.name} is its only ${PART_WORDS[part]} in service, and nobody could take over. Start or enable another one.`,
    )
  if (!serves(node))
    throw new CannotRehearse(
      `${node.name} is ${node.mode === 'enabled' ? node.state : node.mode}: a rehearsal must begin with a node in service.`,
    )
  return node
}

/** The steps asked for, each with what it does to whom, or why it is left out. */
export function planRehearsal(
  { acts }: Pick<ClusterAnswer, 'acts'>,
  { node, steps }: { readonly node: NodeRow; readonly steps: readonly RehearsalStep[] },
): readonly PlannedStep[] {
  return REHEARSAL_STEPS.filter((step) => steps.includes(step)).map((step) => PLANS[step](node, acts.includes('kill')))
}

const PLANS: Readonly<Record<RehearsalStep, (node: NodeRow, canKill: boolean) => PlannedStep>> = {
  drain: (row) => ({
    step: 'drain',
    node: row.name,
    question: `Drain ${row.name} and enable it again? It gives away ${burden(row)}.`,
    gapMsMax: DRAIN_GAP_MS_MAX[partOf(row)],
    keepsSockets: row.role === 'chat',
  }),
  kill: (row, canKill) => ({
    step: 'kill',
    node: row.name,
    question: `Kill ${row.name} (SIGKILL)? Others take over ${burden(row)}; its supervisor starts it again.`,
    gapMsMax: KILL_GAP_MS_MAX[partOf(row)],
    keepsSockets: row.role === 'chat',
    ...((!canKill || !row.supervised) && {
      leftOut: `${row.name} was not started by \`holdfast up\`, so it has no supervisor that we could ask; --steps hand watches while you do it`,
    }),
  }),
  hand: (row) => ({
    step: 'hand',
    node: row.name,
    question: `Will you now cut the power or the network of ${row.name}, or end it? Others take over ${burden(row)}.`,
    gapMsMax: SILENCE_GAP_MS_MAX,
    keepsSockets: false,
  }),
  cut: () => ({
    step: 'cut',
    question: 'Cut the sockets of the canary clients? Nobody else notices.',
    gapMsMax: CUT_GAP_MS_MAX,
    keepsSockets: false,
  }),
}

const PART_WORDS: Readonly<Record<Part, string>> = { chat: 'chat node', edge: 'edge' }

/** A node that is both is rehearsed as what is harder to replace: an owner. */
export function partOf({ role }: Pick<NodeRow, 'role'>): Part {
  return role === 'edge' ? 'edge' : 'chat'
}

function isPart({ role }: NodeRow, part: Part): boolean {
  return role === 'all' || role === part
}

/** In service, by its own word and by its beats. */
export function serves({ mode, state }: NodeRow): boolean {
  return mode === 'enabled' && state === 'live'
}

function most(rows: readonly NodeRow[]): NodeRow | undefined {
  return rows.filter(serves).toSorted((a, b) => b.owned - a.owned)[0] ?? rows[0]
}

function burden(row: NodeRow): string {
  return partOf(row) === 'edge' ? `${row.sockets} client sockets` : `${row.owned} conversations`
}
