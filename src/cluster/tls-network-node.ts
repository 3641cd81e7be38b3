import { once } from 'node:events'
import { type AddressInfo, isIP, type Socket } from 'node:net'
import { connect, createServer, type PeerCertificate, type Server, type TLSSocket } from 'node:tls'
import type { Owner } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { ConnectFailure, type Link, type LinkHandlers, type Network } from './network.ts'

interface TlsNetworkOptions {
  /** This node's certificate and key, and the certificate of the cluster's authority; PEM. */
  readonly certificate: string
  readonly key: string
  readonly authority: string
  /** The present incarnation of this node. */
  readonly self: () => Owner
  readonly listenHost: string
  /** 0: any free one. */
  readonly port: number
  /** The host, or `host:port`, that others connect to, where it is not what is listened on. */
  readonly advertised?: string
  readonly log: Log
  readonly connectTimeoutMs?: number
}

/** First frame of either side: who it is. The certificate has proved the node; the incarnation is its own word. */
interface Greeting {
  readonly node: string
  readonly incarnation: string
}

/** No pack of the relay comes near it, nor does any single event. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024
const GREETING_BYTES_MAX = 1024
/** A bare IPv6 address has more than one colon. */
const HOST_AND_PORT = /^(?:\[[^\]]+\]|[^:]+):\d+$/
const CONNECT_TIMEOUT_MS = 500
/** Certificates and greetings after the connection stands: a machine that starts five nodes is slow at it. */
const GREETING_TIMEOUT_MS = 3000
const KEEPALIVE_MS = 5000
/** What a closed link may still take to send its last frames. */
const CLOSE_GRACE_MS = 250

/** Links between nodes by mutual TLS 1.3: both sides show a certificate of the cluster's authority. */
export class TlsNetwork implements Network {
  readonly #options: TlsNetworkOptions
  readonly #sockets = new Set<Socket>()
  #credentials: { cert: string; key: string; ca: string }
  #server: Server | undefined
  #accepting: { accepted: (link: Link) => void; handlers: LinkHandlers } | undefined

  constructor(options: TlsNetworkOptions) {
    this.#options = options
    this.#credentials = { cert: options.certificate, key: options.key, ca: options.authority }
  }

  /** Binds the port, so that `address` is known before the node joins. Rejects when the port is taken. */
  async open(): Promise<void> {
    const server = createServer({
      ...this.#credentials,
      minVersion: 'TLSv1.3',
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: GREETING_TIMEOUT_MS,
    })
    server.on('connection', (socket) => this.#track(socket))
    server.on('tlsClientError', (error, socket) => {
      this.#options.log.debug('A connection to the relay port was refused.', { error: error.message })
      socket.destroy()
    })
    server.on('secureConnection', (socket) => this.#incoming(socket))
    server.listen({ host: this.#options.listenHost, port: this.#options.port })
    await once(server, 'listening')
    server.on('error', (error) => this.#options.log.error('The relay port failed.', { error: error.message }))
    this.#server = server
  }

  /** Where others reach this node, `host:port`. */
  address(): string {
    const { port } = (this.#server?.address() ?? { port: 0 }) as AddressInfo
    const host = this.#options.advertised ?? this.#options.listenHost
    if (HOST_AND_PORT.test(host)) return host
    return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
  }

  listen(accepted: (link: Link) => void, handlers: LinkHandlers): void {
    this.#accepting = { accepted, handlers }
  }

  /** What it shows to other nodes, in PEM. */
  get certificate(): string {
    return this.#credentials.cert
  }

  /** Shows another certificate from now on; links that are up stay. */
  renew({ certificate, key }: { certificate: string; key: string }): void {
    this.#credentials = { ...this.#credentials, cert: certificate, key }
    this.#server?.setSecureContext({ ...this.#credentials, minVersion: 'TLSv1.3' })
  }

  /** Closes the port and every link. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    if (!server) return
    server.close()
    await once(server, 'close')
  }

  async connect(to: Owner & { readonly relayAddress: string }, handlers: LinkHandlers): Promise<Link> {
    const { host, port } = splitAddress(to.relayAddress)
    const socket = connect({
      ...this.#credentials,
      host,
      port,
      minVersion: 'TLSv1.3',
      // The name of a node is no host name: the certificate's subject is compared instead.
      servername: '',
      checkServerIdentity: (_, certificate) => this.#foreign(certificate, to.node),
    })
    this.#prepare(socket)
    try {
      await within(socket, ['connect'], this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS)
      await within(socket, ['secureConnect'], GREETING_TIMEOUT_MS)
      this.#greet(socket)
      const link = await this.#meet(socket, handlers)
      if (link.peer.incarnation === to.incarnation && link.peer.node === to.node) return link.open()
      throw new ConnectFailure(
        'wrong-peer',
        `${to.relayAddress} is ${link.peer.node}, not the expected run of ${to.node}.`,
      )
    } catch (error) {
      socket.destroy()
      throw error instanceof ConnectFailure ? error : connectFailure(error)
    }
  }

  #incoming(socket: TLSSocket): void {
    this.#prepare(socket)
    const accepting = this.#accepting
    if (!accepting) return void socket.destroy()
    this.#greet(socket)
    this.#meet(socket, accepting.handlers).then(
      (link) => {
        accepting.accepted(link)
        link.open()
      },
      (error: unknown) => {
        this.#options.log.warn('A node that connected did not say well who it is.', { error: String(error) })
        socket.destroy()
      },
    )
  }

  #prepare(socket: TLSSocket): void {
    this.#track(socket)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEPALIVE_MS)
  }

  /** Whatever breaks a socket also closes it, and that is handled where it matters. */
  #track(socket: Socket): void {
    socket.on('error', () => {})
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #greet(socket: TLSSocket): void {
    const { node, incarnation } = this.#options.self()
    const greeting: Greeting = { node, incarnation }
    socket.write(framed(new TextEncoder().encode(JSON.stringify(greeting))))
  }

  /** Waits for the greeting of the other side and compares it with its certificate. */
  #meet(socket: TLSSocket, handlers: LinkHandlers): Promise<TlsLink> {
    return new Promise((resolve, reject) => {
      const splitter = new FrameSplitter(FRAME_BYTES_MAX)
      const timer = setTimeout(() => reject(new Error('It did not greet in time.')), GREETING_TIMEOUT_MS)
      const closed = () => {
        clearTimeout(timer)
        reject(new Error('It closed the connection before its greeting.'))
      }
      socket.once('close', closed)
      // A certificate that the other side does not take is told only here.
      socket.once('error', reject)
      const first = (chunk: Uint8Array) => {
        const frames = splitter.push(chunk)
        if (frames !== 'too-large' && frames.length === 0) return
        clearTimeout(timer)
        socket.off('data', first)
        socket.off('close', closed)
        const [greeting, ...rest] = frames === 'too-large' ? [] : frames
        const peer = greeting && greetingIn(greeting)
        const stranger = peer
          ? this.#foreign(socket.getPeerCertificate(), peer.node)
          : new Error('It sent no greeting.')
        if (!peer || stranger) reject(stranger)
        else resolve(new TlsLink(socket, peer, handlers, splitter, rest))
      }
      socket.on('data', first)
    })
  }

  /** What keeps a certificate of our authority from being that of `node`. */
  #foreign({ subject }: PeerCertificate, node: string): Error | undefined {
    if (subject?.CN === node) return undefined
    return new ConnectFailure('wrong-peer', `The certificate is that of ${subject?.CN ?? 'nobody'}, not of ${node}.`)
  }
}

class TlsLink implements Link {
  readonly peer: Owner
  readonly #socket: TLSSocket
  readonly #handlers: LinkHandlers
  readonly #splitter: FrameSplitter
  readonly #early: readonly Uint8Array[]
  #closed = false
  #reason = 'the connection ended'

  constructor(
    socket: TLSSocket,
    peer: Owner,
    handlers: LinkHandlers,
    splitter: FrameSplitter,
    early: readonly Uint8Array[],
  ) {
    this.#socket = socket
    this.peer = peer
    this.#handlers = handlers
    this.#splitter = splitter
    this.#early = early
    socket.pause()
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  send(frame: Uint8Array): void {
    if (!this.#closed) this.#socket.write(framed(frame))
  }

  close(reason: string): void {
    if (this.#closed) return
    this.#end(reason)
    this.#socket.end()
    setTimeout(() => this.#socket.destroy(), CLOSE_GRACE_MS).unref()
  }

  /** From now on frames and the end are told; those that came with the greeting first. */
  open(): this {
    this.#socket.on('error', (error) => {
      this.#reason = error.message
    })
    this.#socket.on('data', (chunk: Uint8Array) => this.#received(chunk))
    this.#socket.once('end', () => this.#end('the other side closed'))
    this.#socket.once('close', () => this.#end(this.#reason))
    // Not earlier: whoever awaits the link must have noted it before its first frame comes.
    setImmediate(() => {
      for (const frame of this.#early) if (!this.#closed) this.#handlers.frame(this, frame)
      if (this.#socket.destroyed) this.#end(this.#reason)
      else this.#socket.resume()
    })
    return this
  }

  #received(chunk: Uint8Array): void {
    if (this.#closed) return
    const frames = this.#splitter.push(chunk)
    if (frames === 'too-large') return this.close('a frame was too large')
    for (const frame of frames) if (!this.#closed) this.#handlers.frame(this, frame)
  }

  #end(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    queueMicrotask(() => this.#handlers.closed(this, reason))
  }
}

function framed(frame: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(4 + frame.length)
  bytes.writeUInt32BE(frame.length)
  bytes.set(frame, 4)
  return bytes
}

function greetingIn(bytes: Uint8Array): Owner | undefined {
  if (bytes.length > GREETING_BYTES_MAX) return undefined
  try {
    const { node, incarnation } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
    return typeof node === 'string' && typeof incarnation === 'string' ? { node, incarnation } : undefined
  } catch {
    return undefined
  }
}

function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':')
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) }
}

async function within(socket: TLSSocket, events: readonly [string], timeoutMs: number): Promise<void> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), timeoutMs)
  try {
    await once(socket, events[0], { signal: patience.signal })
  } finally {
    clearTimeout(timer)
  }
}

/** Only a refusal by the machine itself says that no process listens there. */
function connectFailure(error: unknown): ConnectFailure {
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'ECONNREFUSED') return new ConnectFailure('refused', 'The connection was refused.')
  const tls = code?.startsWith('ERR_SSL') || code?.startsWith('ERR_TLS') || code?.includes('CERT')
  return new ConnectFailure(tls ? 'wrong-peer' : 'unreachable', message ?? 'unknown')
}
