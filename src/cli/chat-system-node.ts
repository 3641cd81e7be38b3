import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { realRandom } from '../base/real-random-node.ts'
import type { ChatSystem } from '../bench/chat-system.ts'
import { clientPorts } from '../bench/client-ports-node.ts'
import { holdfastDialect } from '../bench/holdfast-dialect.ts'
import { familyUsage } from '../bench/process-usage-node.ts'
import type { Room } from '../bench/raw-generator.ts'
import { ClusterUnderTest } from '../chaos/cluster-under-test-node.ts'
import { tableReads } from './table-reads-node.ts'

export interface ClusterShape {
  readonly edges: number
  readonly chats: number
  /** So many closed conversations lie in the database before anybody speaks. */
  readonly stored?: number
}

// A visitor of a benchmark types faster than any limit allows.
const SETTINGS = { HOLDFAST_LIMITS_FRAMES_PER_SECOND: '10000' }

/** A cluster of ours as a benchmark sees it. */
export async function startHoldfast(shape: ClusterShape): Promise<ChatSystem> {
  const cluster = await ClusterUnderTest.start({ ...shape, settings: SETTINGS })
  const { database } = JSON.parse(readFileSync(join(cluster.dataDir, 'cluster.json'), 'utf8'))
  if (shape.stored !== undefined) await storeConversations(database, shape.stored)
  return {
    addresses: cluster.socketAddresses,
    dialect: holdfastDialect,
    ports: clientPorts(holdfastDialect.subprotocol),
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
      const keepers = [...cluster.pids.values()].filter(({ role }) => role !== 'chat').map(({ pid }) => pid)
      return familyUsage(...keepers)?.servers.residentBytes
    },
    killMachine: (turn) => killMachine(cluster, turn),
    whole: () => cluster.whole(),
    logReads: () => tableReads(database, 'event'),
    stop: () => cluster.stop(),
  }
}

// Ids of real conversations are 63 random bits: these lie among them in the indexes.
const STORE = `WITH ids AS (SELECT (random() * 9e18)::bigint AS id FROM generate_series(1, $1::int)),
  heads AS (INSERT INTO holdfast.head (conversation, epoch, seq, status, opened_at, changed_at)
    SELECT id, 1, 10, 'closed', 0, 0 FROM ids ON CONFLICT DO NOTHING RETURNING conversation)
  INSERT INTO holdfast.event (conversation, seq, epoch, at, audience, sender, key, digest, json)
    SELECT conversation, seq, 1, 0, 'everyone', 'visitor', 'key-' || seq, 'digest', repeat('x', 300)
    FROM heads, generate_series(1, 10) AS seq`

/** Old conversations of ten messages each. */
async function storeConversations(database: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    await client.query(STORE, [count])
    await client.query('VACUUM ANALYZE holdfast.head, holdfast.event')
    await client.query('CHECKPOINT')
  } finally {
    await client.end()
  }
}

/** What would stand on one machine: a node that does all, or an edge and a chat node; the first, then the second, ... */
function killMachine(cluster: ClusterUnderTest, turn: number): string {
  const victims = (['chat', 'edge', 'all'] as const).flatMap((role) => {
    const names = [...cluster.pids].filter(([, node]) => node.role === role).map(([name]) => name)
    return names[turn % names.length] ?? []
  })
  for (const name of victims) cluster.signal(name, 'SIGKILL')
  return victims.join(' and ')
}
