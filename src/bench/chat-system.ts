import type { ConnectionPorts } from '../web/connection/ports.ts'
import type { Dialect } from './dialect.ts'
import type { Seat } from './load-generator.ts'
import type { FamilyUsage } from './process-usage-node.ts'
import type { Room } from './raw-generator.ts'

/** A running system that a benchmark can talk to and look into: ours, or a peer. */
export interface ChatSystem {
  readonly addresses: readonly string[]
  readonly dialect: Dialect
  /** How its clients reach it. */
  readonly ports: ConnectionPorts
  rooms(count: number, agents: number): Promise<readonly Room[]>
  /** Somebody who may look at every room. */
  onlooker(): Promise<Seat>
  /** Of all its servers and its database, brokers included; `undefined` where the machine does not tell. */
  usage(): FamilyUsage | undefined
  /** Memory of the processes that keep client sockets. */
  socketKeepersBytes(): number | undefined
  /** SIGKILL to all servers of one of its two machines, by turns; they are started again. Answers who it was. */
  killMachine(turn: number): string
  /** Every server serves again. */
  whole(): Promise<boolean>
  /** How often the table of messages was read so far, as the database itself counts. */
  logReads(): Promise<number>
  stop(): Promise<void>
}
