import type { ClusterAnswer, NodeRow } from '../../protocol/rest-answers.ts'

/** What the page says about the cluster as a whole. */
export interface Health {
  readonly tone: 'good' | 'worry' | 'bad'
  readonly text: string
}

export const HUE_COUNT = 8

/** A colour for each node that can own conversations: by its place among the names, so that neighbours differ. */
export function hues(nodes: readonly NodeRow[]): ReadonlyMap<string, number> {
  const owners = nodes.filter((node) => node.role !== 'edge').map((node) => node.name)
  return new Map(owners.sort().map((name, index) => [name, index % HUE_COUNT]))
}

/** Chat nodes first: they are what is killed and watched. Then by name, so that nothing moves around. */
export function inOrder(nodes: readonly NodeRow[]): readonly NodeRow[] {
  const rank = (node: NodeRow) => (node.role === 'edge' ? 1 : 0)
  return [...nodes].sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1))
}

export function healthOf(answer: ClusterAnswer): Health {
  const live = answer.nodes.filter((node) => node.state === 'live').length
  const all = answer.nodes.length
  const unowned = answer.ownership.filter((row) => !isOwned(row.owner, answer.nodes)).length
  if (unowned > 0) return { tone: 'worry', text: `${unowned} between owners` }
  if (live < all) return { tone: 'worry', text: `${live} of ${all} nodes live` }
  const resting = answer.nodes.filter((node) => node.mode !== 'enabled').length
  if (resting > 0) return { tone: 'good', text: `all nodes live, ${resting} resting` }
  return { tone: 'good', text: `all ${all} nodes live` }
}

/** Whether a conversation has an owner that lives. */
export function isOwned(owner: string | undefined, nodes: readonly NodeRow[]): boolean {
  return owner !== undefined && nodes.some((node) => node.name === owner && node.state !== 'dead')
}

/** One word for a node's condition, worst first. */
export function conditionOf(node: NodeRow): { readonly tone: Health['tone'] | 'faint'; readonly text: string } {
  if (node.state === 'dead') return { tone: 'bad', text: 'dead' }
  if (node.state === 'suspect') return { tone: 'worry', text: 'silent' }
  if (node.mode === 'draining') return { tone: 'worry', text: 'draining' }
  if (node.mode === 'disabled') return { tone: 'faint', text: 'resting' }
  return { tone: 'good', text: 'live' }
}
