import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { NodeName } from '../base/ids.ts'
import { realRandom } from '../base/real-random-node.ts'
import { ChaosProxy } from './chaos-proxy-node.ts'
import { nodeAtPort } from './socket-caller-node.ts'
import { bundleOf, type Wire, type Wires } from './wires.ts'

/** The proxies before one node. */
interface Gates {
  readonly database: ChaosProxy
  readonly relay: ChaosProxy
  /** Only before an edge. */
  readonly clients?: ChaosProxy
}

const HOST = '127.0.0.1'
// Systems take the ports of outgoing connections from above: a node that comes back finds its own free.
const PORT_MIN = 10_000
const PORT_MAX = 32_000
const ATTEMPTS_MAX = 100

/**
 * Proxies on every way that bytes take in a cluster under test. Ports are chosen before anything runs: nodes are told
 * their own, and those of the proxies as everybody else's.
 */
export class ClusterWires implements Wires {
  readonly #databasePort: number
  readonly #edgePorts: ReadonlyMap<NodeName, number>
  readonly #relayPorts: ReadonlyMap<NodeName, number>
  readonly #gates = new Map<NodeName, Gates>()

  private constructor(ports: readonly number[], edges: readonly NodeName[], chats: readonly NodeName[]) {
    const [databasePort = 0, ...others] = ports
    this.#databasePort = databasePort
    this.#edgePorts = new Map(edges.map((edge, index) => [edge, others[index] ?? 0]))
    this.#relayPorts = new Map([...edges, ...chats].map((node, index) => [node, others[edges.length + index] ?? 0]))
  }

  static async open(edges: readonly NodeName[], chats: readonly NodeName[]): Promise<ClusterWires> {
    const wires = new ClusterWires(await portsInARow(1 + 2 * edges.length + chats.length), edges, chats)
    for (const [node, port] of wires.#relayPorts) {
      const clientsPort = wires.#edgePorts.get(node)
      const proxyTo = (target: number) => ChaosProxy.start({ target: { host: HOST, port: target } })
      wires.#gates.set(node, {
        database: await proxyTo(wires.#databasePort),
        relay: await ChaosProxy.start({ target: { host: HOST, port }, callerAt: nodeAtPort }),
        ...(clientsPort !== undefined && { clients: await proxyTo(clientsPort) }),
      })
    }
    return wires
  }

  /** What `up` must be told, so that every way leads through a proxy. */
  async wordsForUp(dataDir: string): Promise<readonly string[]> {
    await mkdir(dataDir, { recursive: true })
    const password = await databasePassword(dataDir)
    const file = join(dataDir, 'wires.json')
    await writeFile(file, JSON.stringify(this.#nodeSettings(password)), { mode: 0o600 })
    const [edgePort = 0] = this.#edgePorts.values()
    const ports = ['--port', String(edgePort), '--database-port', String(this.#databasePort)]
    return [...ports, '--node-settings', file]
  }

  /** The way of a client to an edge whose own address this is. */
  clientAddress(address: string): string {
    const url = new URL(address)
    const edge = [...this.#edgePorts].find(([, port]) => port === Number(url.port))?.[0]
    const { clients } = (edge !== undefined && this.#gates.get(edge)) || {}
    if (clients) url.port = String(clients.port)
    return url.href
  }

  clientsAndEdge(edge: NodeName): Wire {
    const { clients } = this.#gatesOf(edge)
    if (!clients) throw new Error(`${edge} is no edge.`)
    return clients.wire()
  }

  nodeAndDatabase(node: NodeName): Wire {
    return this.#gatesOf(node).database.wire()
  }

  nodeAndPeers(node: NodeName, peers: readonly NodeName[]): Wire {
    const madeByPeers = this.#gatesOf(node).relay.wire((caller) => caller !== undefined && peers.includes(caller))
    const madeByNode = peers.map((peer) => this.#gatesOf(peer).relay.wire((caller) => caller === node))
    return bundleOf([{ wire: madeByPeers, turned: true }, ...madeByNode.map((wire) => ({ wire, turned: false }))])
  }

  /** What everybody else sees of a killed node: its machine refuses calls until the node is back. */
  refuseUntilBack(node: NodeName): void {
    const { relay, clients } = this.#gatesOf(node)
    void relay.refuseUntilBack()
    void clients?.refuseUntilBack()
  }

  async close(): Promise<void> {
    const proxies = [...this.#gates.values()].flatMap(({ database, relay, clients }) => [
      database,
      relay,
      ...(clients ? [clients] : []),
    ])
    await Promise.all(proxies.map((proxy) => proxy.stop()))
  }

  #nodeSettings(password: string): Readonly<Record<NodeName, Readonly<Record<string, string>>>> {
    const told = [...this.#gates].map(([node, { database, relay }]) => [
      node,
      {
        HOLDFAST_DATABASE: `postgres://holdfast:${password}@${HOST}:${database.port}/holdfast`,
        HOLDFAST_RELAY_PORT: String(this.#relayPorts.get(node)),
        HOLDFAST_RELAY_ADVERTISE: `${HOST}:${relay.port}`,
      },
    ])
    return Object.fromEntries(told)
  }

  #gatesOf(node: NodeName): Gates {
    const gates = this.#gates.get(node)
    if (!gates) throw new Error(`There is no node called ${node}.`)
    return gates
  }
}

/** Known before the database is made: who finds this file takes what is in it. */
async function databasePassword(dataDir: string): Promise<string> {
  const file = join(dataDir, 'postgres-password')
  if (!existsSync(file)) await writeFile(file, realRandom.id(), { mode: 0o600 })
  return (await readFile(file, 'utf8')).trim()
}

/** Free ports that follow each other. */
async function portsInARow(count: number): Promise<readonly number[]> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const first = PORT_MIN + Math.floor(realRandom.fraction() * (PORT_MAX - PORT_MIN - count))
    const ports = Array.from({ length: count }, (_, index) => first + index)
    if (await allFree(ports)) return ports
  }
  throw new Error(`No ${count} free ports follow each other between ${PORT_MIN} and ${PORT_MAX}.`)
}

async function allFree(ports: readonly number[]): Promise<boolean> {
  const held: Server[] = []
  try {
    for (const port of ports) {
      const server = createServer()
      await once(server.listen(port, HOST), 'listening')
      held.push(server)
    }
    return true
  } catch {
    return false
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}
