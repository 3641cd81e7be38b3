import { joined, OPCODE } from '../chaos/frame-bytes.ts'

/** A frame as a server sent it. */
export type ReceivedFrame =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ping' | 'pong'; readonly payload: Uint8Array }
  /** `code` is absent where the frame had no body. */
  | { readonly kind: 'close'; readonly code?: number; readonly reason: string }

/** The server itself broke RFC 6455. */
export class ServerFault extends Error {
  override readonly name = 'ServerFault'
}

const NAMES: Readonly<Record<number, ReceivedFrame['kind']>> = {
  [OPCODE.text]: 'text',
  [OPCODE.close]: 'close',
  [OPCODE.ping]: 'ping',
  [OPCODE.pong]: 'pong',
}

/** Cuts what a server sends into frames, and throws `ServerFault` at the first thing that a server must not do. */
export class ServerFrameReader {
  #bytes: Uint8Array = new Uint8Array()
  #closed = false

  push(chunk: Uint8Array): ReceivedFrame[] {
    this.#bytes = joined([this.#bytes, chunk])
    const frames: ReceivedFrame[] = []
    for (let frame = this.#take(); frame; frame = this.#take()) frames.push(frame)
    return frames
  }

  #take(): ReceivedFrame | undefined {
    const [first, second] = this.#bytes
    if (first === undefined || second === undefined) return undefined
    const { headerBytes, length } = this.#measure(second & 0x7f)
    if (this.#bytes.length < headerBytes + length) return undefined
    const payload = this.#bytes.slice(headerBytes, headerBytes + length)
    this.#bytes = this.#bytes.subarray(headerBytes + length)
    return this.#judged(first, second, payload)
  }

  #measure(marker: number): { headerBytes: number; length: number } {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
    if (marker < 126) return { headerBytes: 2, length: marker }
    const wide = marker === 127
    const headerBytes = wide ? 10 : 4
    if (this.#bytes.length < headerBytes) return { headerBytes, length: 0 }
    const length = wide ? Number(view.getBigUint64(2)) : view.getUint16(2)
    if (length < (wide ? 65_536 : 126)) throw new ServerFault('5.2: a length takes more bytes than it needs')
    return { headerBytes, length }
  }

  #judged(first: number, second: number, payload: Uint8Array): ReceivedFrame {
    if (this.#closed) throw new ServerFault('5.5.1: a frame follows the close frame')
    if (second & 0x80) throw new ServerFault('5.1: a server must not mask')
    if (first & 0x70) throw new ServerFault('5.2: a reserved bit is set without an extension')
    // Fragments are allowed and never needed here: one would be a surprise, and is told.
    if (!(first & 0x80)) throw new ServerFault('5.4: the server fragments')
    const kind = NAMES[first & 0x0f]
    if (!kind) throw new ServerFault(`5.2: opcode ${first & 0x0f} is not one that we are owed`)
    if (kind === 'text') return { kind, text: decoded(payload) }
    if (payload.length > 125) throw new ServerFault('5.5: a control frame is longer than 125 bytes')
    if (kind !== 'close') return { kind, payload }
    this.#closed = true
    return closeIn(payload)
  }
}

function closeIn(payload: Uint8Array): ReceivedFrame {
  const [high, low] = payload
  if (high === undefined) return { kind: 'close', reason: '' }
  if (low === undefined) throw new ServerFault('5.5.1: a close frame has one byte')
  const code = high * 256 + low
  if (code < 1000 || [1004, 1005, 1006, 1015].includes(code) || code > 4999)
    throw new ServerFault(`7.4: code ${code} must not be sent`)
  return { kind: 'close', code, reason: decoded(payload.subarray(2)) }
}

function decoded(payload: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload)
  } catch {
    throw new ServerFault('8.1: the server sent ill-formed UTF-8')
  }
}
