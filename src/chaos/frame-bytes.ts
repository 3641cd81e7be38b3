/** Opcodes of RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** A frame of a client in all its parts, so that each of them can be wrong. */
interface FrameParts {
  readonly opcode: number
  /** Text is sent as UTF-8. */
  readonly payload?: Uint8Array | string
  /** Absent: it is the last one of its message. */
  readonly fin?: boolean
  /** RSV1 to RSV3 as the bits 4, 2 and 1. */
  readonly rsv?: number
  /** Absent: a key of its own; `none`: the frame is not masked, which a client must not do. */
  readonly mask?: readonly [number, number, number, number] | 'none'
  /** How many bits tell the length; absent: as few as it needs. */
  readonly lengthBits?: 7 | 16 | 64
  /** The length that is told, where it is not that of the payload. */
  readonly claimedLength?: bigint
}

const MASK = [0x5a, 0xc3, 0x17, 0x88] as const

/** The bytes of a frame as a client sends it. */
export function clientFrame(parts: FrameParts): Uint8Array {
  const { opcode, fin = true, rsv = 0, mask = MASK } = parts
  const payload = bytesOf(parts.payload ?? '')
  const length = parts.claimedLength ?? BigInt(payload.length)
  const bits = parts.lengthBits ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64)
  const masked = mask !== 'none'
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const marker = bits === 7 ? Number(length) : bits === 16 ? 126 : 127
  const told = bits === 7 ? [] : bigEndian(length, bits / 8)
  const key = masked ? mask : [0, 0, 0, 0]
  const body = payload.map((byte, index) => byte ^ (key[index % 4] ?? 0))
  return joined([Uint8Array.of(first, (masked ? 0x80 : 0) | marker, ...told, ...(masked ? key : [])), body])
}

export function text(payload: Uint8Array | string, more: Partial<FrameParts> = {}): Uint8Array {
  return clientFrame({ opcode: OPCODE.text, payload, ...more })
}

export function continuation(payload: Uint8Array | string, more: Partial<FrameParts> = {}): Uint8Array {
  return clientFrame({ opcode: OPCODE.continuation, payload, ...more })
}

export function ping(payload: Uint8Array | string = '', more: Partial<FrameParts> = {}): Uint8Array {
  return clientFrame({ opcode: OPCODE.ping, payload, ...more })
}

/** A close frame; without a code it has no body. */
export function close(code?: number, reason: Uint8Array | string = '', more: Partial<FrameParts> = {}): Uint8Array {
  const payload = code === undefined ? '' : joined([Uint8Array.of(code >> 8, code & 0xff), bytesOf(reason)])
  return clientFrame({ opcode: OPCODE.close, payload, ...more })
}

/** A text message in the given pieces. */
export function fragments(pieces: readonly (Uint8Array | string)[]): Uint8Array[] {
  return pieces.map((piece, index) => {
    const fin = index === pieces.length - 1
    return index === 0 ? text(piece, { fin }) : continuation(piece, { fin })
  })
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

export function bytesOf(value: Uint8Array | string): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value
}

function bigEndian(value: bigint, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * (bytes - 1 - index))) & 0xffn))
}
