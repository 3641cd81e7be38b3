import { realRandom } from '../base/real-random-node.ts'
import type { SystemUnderLoad } from '../bench/chat-bench.ts'
import { familyUsage, ownCpuMs } from '../bench/process-usage-node.ts'
import type { Room } from '../bench/raw-generator.ts'
import type { ClusterUnderTest } from '../chaos/cluster-under-test-node.ts'

/** A cluster as a benchmark sees it. */
export function systemOf(cluster: ClusterUnderTest): SystemUnderLoad {
  return {
    addresses: cluster.socketAddresses,
    async rooms(count, agents) {
      const seats = await Promise.all(Array.from({ length: agents }, (_, index) => cluster.agentSeat(`agent-${index}`)))
      const rooms: Room[] = []
      for (let index = 0; index < count; index++) {
        const conversation = realRandom.id()
        rooms.push({ conversation, visitor: await cluster.visitorSeat(conversation), agents: seats })
      }
      return rooms
    },
    onlooker: () => cluster.agentSeat('onlooker'),
    usage: () => familyUsage(cluster.pid),
    socketKeepersBytes() {
      const edges = [...cluster.pids.values()].filter(({ role }) => role === 'edge').map(({ pid }) => familyUsage(pid))
      return edges.reduce<number | undefined>(
        (sum, usage) => (sum === undefined || !usage ? undefined : sum + usage.servers.residentBytes),
        0,
      )
    },
    ownCpuMs,
  }
}
