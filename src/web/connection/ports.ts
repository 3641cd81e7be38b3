import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'

/** A WebSocket as the connection sees it. */
export interface ConnectionSocket {
  send(text: string): void
  close(): void
}

export interface ConnectionSocketHandlers {
  opened(): void
  message(text: string): void
  /** Last call; `code` as the server gave it, 1006 when nobody did. */
  closed(code: number): void
}

/** The world around a connection; `browser-ports-node.ts` has the real one. */
export interface ConnectionPorts {
  readonly clock: Clock
  readonly random: Random
  openSocket(url: string, handlers: ConnectionSocketHandlers): ConnectionSocket
  /** Tells when the page comes back from sleep or the network from an outage; answers the way to stop listening. */
  onWake?(listener: () => void): () => void
  /** Outlives a reload of the page, as session storage does. */
  readonly storage: { load(): string | undefined; save(text: string): void }
}
