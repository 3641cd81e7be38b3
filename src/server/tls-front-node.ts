import type { Server as HttpServer, RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { KeyedChain } from '../config/certificate-chain-node.ts'

// What the framework gives to servers that it makes itself.
const KEEP_ALIVE_MS = 72_000
const REQUEST_PATIENCE_MS = 30_000

/**
 * The HTTPS servers of a node and the certificate that they show. A new one is for connections from then on; those that
 * are open go on under the keys that they agreed on.
 */
export class TlsFront {
  readonly #servers = new Set<Server>()
  #shown: KeyedChain

  constructor(certificate: KeyedChain) {
    this.#shown = certificate
  }

  /** A server for one address; it listens where its caller says. */
  serverFor(handler: RequestListener): HttpServer {
    const server = createServer(
      { ...contextOf(this.#shown), keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_PATIENCE_MS },
      handler,
    )
    this.#servers.add(server)
    server.once('close', () => this.#servers.delete(server))
    // The same events and requests as of a server without TLS.
    return server as unknown as HttpServer
  }

  get shown(): KeyedChain {
    return this.#shown
  }

  show(certificate: KeyedChain): void {
    this.#shown = certificate
    for (const server of this.#servers) server.setSecureContext(contextOf(certificate))
  }
}

function contextOf({ chain, key }: KeyedChain): { cert: string; key: string } {
  return { cert: chain.map((pem) => pem.trim()).join('\n'), key }
}
