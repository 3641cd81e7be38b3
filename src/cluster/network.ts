import type { Owner } from '../base/ids.ts'

/** One connection to another node, whose certificate was checked. Frames come in order, once, until `closed`. */
export interface Link {
  /** Who is at the other end, as its certificate and greeting say. */
  readonly peer: Owner
  /** Bytes accepted by `send` and not yet taken by the peer. The sender cuts the link when this grows past its bound. */
  readonly queuedBytes: number
  send(frame: Uint8Array): void
  close(reason: string): void
}

export interface LinkHandlers {
  frame(link: Link, frame: Uint8Array): void
  /** Last call for this link. */
  closed(link: Link, reason: string): void
}

/** Why a connection could not be made. `refused`: nobody listens there (the process is gone, the machine is not). */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure'
  readonly kind: 'refused' | 'unreachable' | 'wrong-peer'
  constructor(kind: 'refused' | 'unreachable' | 'wrong-peer', message: string) {
    super(message)
    this.kind = kind
  }
}

/** Links between nodes; the real one is mutual TLS, the simulator's loses and delays. */
export interface Network {
  /** Rejects with `ConnectFailure` within the time-out. */
  connect(to: Owner & { readonly relayAddress: string }, handlers: LinkHandlers): Promise<Link>
  /** Accepts links from peers until stopped. `accepted` may refuse by closing. */
  listen(accepted: (link: Link) => void, handlers: LinkHandlers): void
}
