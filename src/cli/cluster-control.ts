import type { Cluster } from '../server/supervisor-node.ts'
import type { VerbIo } from './verb.ts'

/** The part of a cluster that commands on standard input may move. */
export type Controlled = Pick<Cluster, 'kill' | 'pause' | 'restartDatabase' | 'nodes'>

type Fields = Readonly<Record<string, unknown>>

const SIGNALS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGSTOP', 'SIGCONT', 'SIGINT']

/** Carries out commands from standard input, one JSON object per line, until `stop` or the end of the input. */
export async function controlCluster(cluster: Controlled, io: VerbIo): Promise<void> {
  for await (const line of io.lines()) {
    if (line.trim() === '') continue
    try {
      const command = JSON.parse(line) as Fields
      if (command.verb === 'stop') return
      io.out(JSON.stringify({ done: command.verb, ...(await perform(cluster, command)) }))
    } catch (error) {
      io.out(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }))
    }
  }
}

async function perform(cluster: Controlled, command: Fields): Promise<Fields> {
  switch (command.verb) {
    case 'kill': {
      const signal = SIGNALS.find((each) => each === (command.signal ?? 'SIGKILL'))
      if (!signal) throw new Error(`"signal" must be one of ${SIGNALS.join(', ')}.`)
      cluster.kill(nodeIn(command), signal)
      return { node: command.node, signal }
    }
    case 'pause':
      if (typeof command.ms !== 'number' || command.ms <= 0) throw new Error('"ms" must be a number above 0.')
      cluster.pause(nodeIn(command), command.ms)
      return { node: command.node, ms: command.ms }
    case 'nodes':
      return { nodes: cluster.nodes }
    case 'restart-database':
      await cluster.restartDatabase(typeof command.awayMs === 'number' ? command.awayMs : 0)
      return {}
    default:
      throw new Error('"verb" must be kill, pause, nodes, restart-database or stop.')
  }
}

function nodeIn({ node }: Fields): string {
  if (typeof node !== 'string') throw new Error('"node" must name a node.')
  return node
}
