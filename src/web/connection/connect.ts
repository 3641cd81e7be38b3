import { type BrowserPortsOptions, browserPorts } from './browser-ports-node.ts'
import { Connection, type ConnectionOptions } from './connection-driver.ts'

/** Connects to a Holdfast system from a browser or from Node. */
export function connect(options: ConnectionOptions & BrowserPortsOptions): Connection {
  const connection = new Connection(browserPorts(options), options)
  connection.start()
  return connection
}

export type { ConnectionState } from './connection-decision.ts'
export type { Connection, ConnectionOptions } from './connection-driver.ts'
export type { ConversationHandle, Sent, Settled } from './conversation-handle.ts'
export type { OutboxEntry } from './outbox-decision.ts'
