import { type Cancel, type Clock, pause } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Document } from '../store/document-store.ts'
import type { CertificateVault, PublicCertificate } from './certificate-vault-node.ts'

/** The last certificate that this node knew, sealed as in the store. Never rejects: at worst it forgets. */
export interface CertificateCache {
  read(): Promise<Document | undefined>
  write(document: Document): Promise<void>
}

export interface CertificateKeeperPorts {
  readonly clock: Clock
  readonly log: Log
  readonly vault: Pick<CertificateVault, 'document' | 'open'>
  readonly cache: CertificateCache
  /** How often the store is asked. */
  readonly askMs?: number
}

// All nodes show a new certificate within two seconds.
const ASK_MS = 1000
// A node that starts while the database is away shows what it knew.
const START_PATIENCE_MS = 2000

/**
 * Keeps this node at the newest public certificate: asks the store all the time and tells whoever shows it. While the
 * store is away the last known one holds, over restarts too.
 */
export class CertificateKeeper {
  readonly #ports: CertificateKeeperPorts
  readonly #listeners: ((certificate: PublicCertificate) => void)[] = []
  #certificate: PublicCertificate | undefined
  #toldVersion = 0
  #asking: Promise<void> | undefined
  #cancel: Cancel = () => {}
  #stopped = false

  constructor(ports: CertificateKeeperPorts) {
    this.#ports = ports
  }

  /** Resolves with the newest certificate, with the last known one when the store does not answer, or with none. */
  async start(): Promise<void> {
    const { clock, cache, log } = this.#ports
    await Promise.race([this.refresh(), pause(clock, START_PATIENCE_MS)])
    if (!this.#certificate) {
      const lastKnown = await cache.read()
      if (lastKnown && !this.#certificate && (await this.#apply(lastKnown)))
        log.warn('The store does not tell of a certificate; the last known one is shown.')
    }
    this.#arm()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** What this node shows; `undefined`: nobody gave the cluster one. */
  certificate(): PublicCertificate | undefined {
    return this.#certificate
  }

  /** Told of each new certificate. */
  onChange(listener: (certificate: PublicCertificate) => void): void {
    this.#listeners.push(listener)
  }

  /** Looks for news now. Never rejects. */
  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  #arm(): void {
    if (this.#stopped) return
    this.#cancel = this.#ports.clock.after(this.#ports.askMs ?? ASK_MS, () => void this.refresh().then(() => this.#arm()))
  }

  async #ask(): Promise<void> {
    const { vault, cache, log } = this.#ports
    try {
      const document = await vault.document()
      if (!document || document.version === this.#toldVersion || this.#stopped) return
      if (await this.#apply(document)) await cache.write(document)
    } catch (error) {
      log.debug('The public certificate could not be read; the last known one holds.', { error: String(error) })
    }
  }

  async #apply(document: Document): Promise<boolean> {
    const { vault, log } = this.#ports
    const certificate = await vault.open(document)
    this.#toldVersion = document.version
    if (!certificate) {
      log.error('The secret of this node does not open the private key of the public certificate.')
      return false
    }
    this.#certificate = certificate
    const { source, by } = certificate
    log.decision('certificate', `Version ${document.version} of the certificate (${source}, by ${by}) is shown here.`)
    for (const listener of this.#listeners) listener(certificate)
    return true
  }
}
