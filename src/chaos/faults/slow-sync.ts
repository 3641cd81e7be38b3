import type { NodeName } from '../../base/ids.ts'
import type { Fault } from '../fault.ts'
import { delaySyncs } from '../slow-sync-node.ts'
import type { Wires } from '../wires.ts'

const SLOW_MS_MIN = 1000
const SLOW_MS_MAX = 4000
const DELAY_MS_MIN = 20
const DELAY_MS_MAX = 200

export const slowSync: Fault = {
  name: 'slow-sync',
  faultClass: 'store',
  sentence:
    'each fdatasync of PostgreSQL takes 20 to 200 ms longer for 1 to 4 s (by strace; without it, all its answers to chat nodes do)',
  weight: 1,
  gapMsMax: 2000,
  needs: 'linux',
  async inject(stage) {
    const { running, wires, dice } = stage
    const chats = [...running.cluster.pids].filter(([, { role }]) => role === 'chat').map(([name]) => name)
    const delayMs = dice.spread(DELAY_MS_MIN, DELAY_MS_MAX)
    const faultMs = dice.spread(SLOW_MS_MIN, SLOW_MS_MAX)
    stage.begins()
    const release = await delaySyncs(running.cluster.dataDir, delayMs)
    const how = release ? 'strace' : 'proxy'
    const end = release ?? slowAnswers(wires, chats, delayMs)
    try {
      await running.rest(faultMs)
    } finally {
      await end()
    }
    return { victim: `database (${how})`, faultMs }
  },
}

/** Every answer of the database to these nodes comes so much later: of reads, too, which a slow disk would not delay. */
export function slowAnswers(
  wires: Pick<Wires, 'nodeAndDatabase'>,
  nodes: readonly NodeName[],
  ms: number,
): () => Promise<void> {
  const all = nodes.map((node) => wires.nodeAndDatabase(node))
  for (const wire of all) wire.treat({ back: { kind: 'delay', ms } })
  return async () => {
    for (const wire of all) wire.heal()
  }
}
