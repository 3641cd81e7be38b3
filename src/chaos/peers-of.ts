import type { NodeName } from '../base/ids.ts'
import type { NodeRow } from '../protocol/rest-answers.ts'
import type { LoadedCluster } from './loaded-cluster.ts'

/** The other nodes of a cluster, or those of one role. */
export function peersOf(
  { cluster }: Pick<LoadedCluster, 'cluster'>,
  node: NodeName,
  role?: NodeRow['role'],
): readonly NodeName[] {
  return [...cluster.pids]
    .filter(([name, peer]) => name !== node && (role === undefined || peer.role === role))
    .map(([name]) => name)
}
