import type { Clock } from '../base/clock.ts'
import type { Link } from './network.ts'
import { packFrames } from './relay-codec.ts'

/** Below the frame limit of the network by a wide margin; a pack is sent early when it gets this large. */
export const PACK_BYTES_MAX = 256 * 1024

/**
 * What goes out to one peer: the frames of one tick travel as one frame of the link. A peer that does not take them is
 * cut off, so that its slowness stays its own; it resumes from its last seq (BO1).
 */
export class LinkOutbox {
  readonly #link: Link
  readonly #clock: Clock
  readonly #queuedBytesMax: number
  readonly #cut: (queuedBytes: number) => void
  #frames: Uint8Array[] = []
  #bytes = 0
  #armed = false
  #closed = false

  constructor(options: { link: Link; clock: Clock; queuedBytesMax: number; cut: (queuedBytes: number) => void }) {
    this.#link = options.link
    this.#clock = options.clock
    this.#queuedBytesMax = options.queuedBytesMax
    this.#cut = options.cut
  }

  /** Bytes that the peer has not taken yet, those of this tick included. */
  get queuedBytes(): number {
    return this.#bytes + this.#link.queuedBytes
  }

  send(frame: Uint8Array): void {
    if (this.#closed) return
    if (this.#bytes + frame.length > PACK_BYTES_MAX) this.#flush()
    this.#frames.push(frame)
    this.#bytes += frame.length
    if (this.#armed) return
    this.#armed = true
    this.#clock.after(0, () => {
      this.#armed = false
      this.#flush()
    })
  }

  /** Drops what waits: the link is gone. */
  close(): void {
    this.#closed = true
    this.#frames = []
  }

  #flush(): void {
    if (this.#closed || this.#frames.length === 0) return
    const pack = packFrames(this.#frames)
    this.#frames = []
    this.#bytes = 0
    this.#link.send(pack)
    if (this.#link.queuedBytes > this.#queuedBytesMax) this.#cut(this.#link.queuedBytes)
  }
}
