import type { NodeName } from '../base/ids.ts'
import type { Treatments } from './treatment.ts'

/** All connections between two parties, those that are yet to come included. */
export interface Wire {
  /** Connections that are up now at both ends. */
  readonly connections: number
  /** From now on, until `heal`; replaces what was said before. */
  treat(treatments: Treatments): void
  /** Everything passes again. What was held goes on its way; what was swallowed stays dead. */
  heal(): void
  /** Resets every connection at both ends. New ones may be made at once. */
  cut(): void
}

/** Where the proxies stand in a cluster under test. */
export interface Wires {
  /** `forth`: from clients to the edge. */
  clientsAndEdge(edge: NodeName): Wire
  /** `forth`: from the node to the database. */
  nodeAndDatabase(node: NodeName): Wire
  /** Relay links, whoever made them. `forth`: from `node` to the others. */
  nodeAndPeers(node: NodeName, peers: readonly NodeName[]): Wire
}

/** Several wires as one. `turned`: its connections were made the other way round. */
export function bundleOf(wires: readonly { readonly wire: Wire; readonly turned: boolean }[]): Wire {
  return {
    get connections() {
      return wires.reduce((sum, { wire }) => sum + wire.connections, 0)
    },
    treat(treatments) {
      for (const { wire, turned } of wires) wire.treat(turned ? turnedRound(treatments) : treatments)
    },
    heal() {
      for (const { wire } of wires) wire.heal()
    },
    cut() {
      for (const { wire } of wires) wire.cut()
    },
  }
}

function turnedRound({ forth, back }: Treatments): Treatments {
  return { ...(back && { forth: back }), ...(forth && { back: forth }) }
}
