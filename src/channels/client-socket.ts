/** One client's socket as a channel sees it; `websocket-server-node.ts` makes it of a real one. */
export interface ClientSocket {
  /** Bytes given to `send` that the client has not taken yet. */
  readonly queuedBytes: number
  send(text: string): void
  close(code: number, reason: string): void
}

/** What the socket tells the channel. Nothing follows `closed`. */
export interface ClientSocketHandlers {
  /** `undefined`: a binary frame, which the protocol does not have. */
  message(text: string | undefined): void
  closed(): void
}
