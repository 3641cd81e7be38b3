const HEADER_BYTES = 4

/** Cuts a stream of bytes into frames, each with its length before it, however the network cut it. */
export class FrameSplitter {
  readonly #frameBytesMax: number
  #chunks: Uint8Array[] = []
  #bytes = 0

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax
  }

  /** The frames that are whole with this chunk; `too-large` as soon as a length says so: read no further then. */
  push(chunk: Uint8Array): readonly Uint8Array[] | 'too-large' {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const frames: Uint8Array[] = []
    while (this.#bytes >= HEADER_BYTES) {
      const length = this.#peekLength()
      if (length > this.#frameBytesMax) return 'too-large'
      if (this.#bytes < HEADER_BYTES + length) break
      frames.push(this.#take(HEADER_BYTES + length).subarray(HEADER_BYTES))
    }
    return frames
  }

  #peekLength(): number {
    const [first] = this.#chunks
    const header = first && first.length >= HEADER_BYTES ? first : this.#gather(HEADER_BYTES)
    return new DataView(header.buffer, header.byteOffset, HEADER_BYTES).getUint32(0)
  }

  /** Copies the first `length` bytes together without taking them. */
  #gather(length: number): Uint8Array {
    const gathered = new Uint8Array(length)
    let filled = 0
    for (const chunk of this.#chunks) {
      if (filled === length) break
      const part = chunk.subarray(0, length - filled)
      gathered.set(part, filled)
      filled += part.length
    }
    return gathered
  }

  #take(length: number): Uint8Array {
    const [first] = this.#chunks
    const taken = first && first.length >= length ? first.subarray(0, length) : this.#gather(length)
    let left = length
    while (left > 0) {
      const [chunk] = this.#chunks
      if (!chunk) break
      if (chunk.length > left) this.#chunks[0] = chunk.subarray(left)
      else this.#chunks.shift()
      left -= Math.min(left, chunk.length)
    }
    this.#bytes -= length
    return taken
  }
}
