import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { joined } from '../chaos/frame-bytes.ts'
import type { Act } from './conformance-case.ts'
import { type ReceivedFrame, ServerFrameReader } from './server-frame-reader.ts'

/** The answer to a handshake, names of headers in small letters. */
interface HttpHead {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
}

export type Heard = ReceivedFrame | { readonly kind: 'head'; readonly head: HttpHead } | { readonly kind: 'end' }

// Far above what an answer takes, far below what a person would wait.
const PATIENCE_MS = 8000
const HEAD_END = '\r\n\r\n'

/** A TCP connection to the door under test, without any library between: what is written is what is sent. */
export class RawPeer {
  readonly #socket: Socket
  readonly #heard: Heard[] = []
  readonly #reader = new ServerFrameReader()
  #bytes: Uint8Array = new Uint8Array()
  #upgraded = false
  #failure: unknown
  #wake: () => void = () => {}

  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    this.#socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    this.#socket.on('error', () => {})
    this.#socket.on('data', (chunk: Uint8Array) => this.#received(chunk))
    this.#socket.on('end', () => this.#tell({ kind: 'end' }))
    this.#socket.on('close', () => this.#tell({ kind: 'end' }))
  }

  /** Does it, and waits until the bytes are with the system. */
  async act(act: Act): Promise<void> {
    if (act === 'reset') this.#socket.resetAndDestroy()
    else if (act === 'half-close') this.#socket.end()
    else if (act instanceof Uint8Array) await this.#write(act)
    else for (const byte of act.trickle) await this.#write(Uint8Array.of(byte))
  }

  /** What comes next. Throws `ServerFault` where the server broke the protocol, or when nothing comes. */
  async next(): Promise<Heard> {
    const impatience = new AbortController()
    const late = sleep(PATIENCE_MS, 'late', { signal: impatience.signal, ref: false }).catch(() => 'stopped')
    try {
      for (;;) {
        const heard = this.#heard.shift()
        if (heard) return heard
        if (this.#failure) throw this.#failure
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        if ((await Promise.race([woken, late])) === 'late') throw new Error(`nothing came for ${PATIENCE_MS} ms`)
      }
    } finally {
      impatience.abort()
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  /** A server that has ended its side takes no more: that is its right, and `next` tells it. */
  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()))
  }

  #received(chunk: Uint8Array): void {
    if (this.#failure) return
    try {
      if (this.#upgraded) for (const frame of this.#reader.push(chunk)) this.#tell(frame)
      else this.#readHead(chunk)
    } catch (error) {
      this.#failure = error
      this.#wake()
    }
  }

  #readHead(chunk: Uint8Array): void {
    this.#bytes = joined([this.#bytes, chunk])
    const text = Buffer.from(this.#bytes).toString('latin1')
    const end = text.indexOf(HEAD_END)
    if (end < 0) return
    const head = headIn(text.slice(0, end))
    this.#tell({ kind: 'head', head })
    this.#upgraded = head.status === 101
    const rest = this.#bytes.subarray(end + HEAD_END.length)
    // The body of a refusal is for people.
    if (this.#upgraded && rest.length > 0) this.#received(rest)
  }

  #tell(heard: Heard): void {
    this.#heard.push(heard)
    this.#wake()
  }
}

function headIn(text: string): HttpHead {
  const [first = '', ...lines] = text.split('\r\n')
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(first) ?? []
  if (status === undefined) throw new Error(`"${first}" is no status line`)
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { status: Number(status), headers: new Map(headers) }
}
