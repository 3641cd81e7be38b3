import type { ConversationId, NodeName } from '../base/ids.ts'

/**
 * Rendezvous (highest random weight) hashing: every node ranks the same candidates alike without talking, and the
 * loss of one moves only what that one had. A preference, never a permission: the store decides who owns.
 * Weight: 32-bit FNV-1a of `conversation/node`, finished with the murmur3 avalanche so that near names spread.
 */
export function rendezvousOrder(conversation: ConversationId, nodes: readonly NodeName[]): readonly NodeName[] {
  return nodes
    .map((node) => ({ node, weight: weightOf(`${conversation}/${node}`) }))
    .sort((a, b) => b.weight - a.weight || (a.node < b.node ? -1 : 1))
    .map(({ node }) => node)
}

function weightOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
