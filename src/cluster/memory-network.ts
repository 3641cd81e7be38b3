import type { Clock } from '../base/clock.ts'
import type { Incarnation, Owner } from '../base/ids.ts'
import { ConnectFailure, type Link, type LinkHandlers, type Network } from './network.ts'

interface Listener {
  readonly self: () => Owner
  readonly accepted: (link: Link) => void
  readonly handlers: LinkHandlers
}

interface End extends Link {
  readonly handlers: LinkHandlers
  other: End | undefined
  open: boolean
}

/** Links between nodes of one process, for tests: in order, nothing lost, until a node is cut off. */
export class MemoryNetwork {
  readonly #clock: Clock
  readonly #listeners: Listener[] = []
  readonly #ends = new Set<End>()
  readonly #cut = new Set<string>()
  /** Pairs of nodes between which everything is lost, silently. */
  readonly #severed = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The network as one node sees it. */
  of(self: () => Owner): Network {
    return {
      connect: async (to, handlers) => this.#connect(self, to.incarnation, handlers),
      listen: (accepted, handlers) => {
        this.#listeners.push({ self, accepted, handlers })
      },
    }
  }

  /** Closes all links of a node, as its death does; nobody listens there any more. */
  kill(node: string): void {
    this.#cut.add(node)
    for (const end of [...this.#ends]) if (end.peer.node === node) close(end, this.#ends, 'reset')
  }

  /** A partition: links stay up, and nothing comes through. */
  sever(one: string, other: string): void {
    this.#severed.add(pairOf(one, other))
  }

  heal(one: string, other: string): void {
    this.#severed.delete(pairOf(one, other))
  }

  /** The link of two nodes is dead, and neither end is told: a router between them restarted. */
  lose(one: string, other: string): void {
    for (const end of this.#ends)
      if (end.other && pairOf(end.peer.node, end.other.peer.node) === pairOf(one, other)) end.other = undefined
  }

  #connect(self: () => Owner, to: Incarnation, handlers: LinkHandlers): Link {
    const listener = this.#listeners.find((each) => each.self().incarnation === to)
    if (!listener || this.#cut.has(listener.self().node)) throw new ConnectFailure('refused', 'nobody listens there')
    if (this.#severed.has(pairOf(self().node, listener.self().node)))
      throw new ConnectFailure('unreachable', 'nothing comes through')
    const near = this.#end(listener.self(), handlers)
    const far = this.#end(self(), listener.handlers)
    near.other = far
    far.other = near
    listener.accepted(far)
    return near
  }

  #end(peer: Owner, handlers: LinkHandlers): End {
    const end: End = {
      peer,
      handlers,
      other: undefined,
      open: true,
      queuedBytes: 0,
      send: (frame) => {
        if (end.open)
          this.#clock.after(0, () => {
            const { other } = end
            if (other?.open && !this.#severed.has(pairOf(end.peer.node, other.peer.node)))
              other.handlers.frame(other, frame)
          })
      },
      close: (reason) => {
        if (!end.other || this.#severed.has(pairOf(end.peer.node, end.other.peer.node))) end.other = undefined
        close(end, this.#ends, reason)
      },
    }
    this.#ends.add(end)
    return end
  }
}

const pairOf = (one: string, other: string) => [one, other].sort().join(' ')

function close(end: End, ends: Set<End>, reason: string): void {
  for (const side of [end, end.other]) {
    if (!side?.open) continue
    side.open = false
    ends.delete(side)
    side.handlers.closed(side, reason)
  }
}
