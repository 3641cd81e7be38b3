import type { Cancel, Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Document } from '../store/document-store.ts'
import type { CertificateVault, PublicCertificate } from './certificate-vault-node.ts'

export interface CertificateKeeperPorts {
  readonly clock: Clock
  readonly log: Log
  readonly vault: Pick<CertificateVault, 'document' | 'open'>
  /** How often the store is asked. */
  readonly askMs?: number
}

// All nodes show a new certificate within two seconds.
const ASK_MS = 1000

/**
 * Keeps this node at the newest public certificate: asks the store all the time and tells whoever shows it. While the
 * store is away the last known one holds.
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

  /** Resolves once the store was asked, whatever became of it. */
  async start(): Promise<void> {
    await this.refresh()
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
    this.#cancel = this.#ports.clock.after(
      this.#ports.askMs ?? ASK_MS,
      () => void this.refresh().then(() => this.#arm()),
    )
  }

  async #ask(): Promise<void> {
    const { vault, log } = this.#ports
    try {
      const document = await vault.document()
      if (!document || document.version === this.#toldVersion || this.#stopped) return
      await this.#apply(document)
    } catch (error) {
      log.debug('The public certificate could not be read; the last known one holds.', { error: String(error) })
    }
  }

  async #apply(document: Document): Promise<void> {
    const { vault, log } = this.#ports
    const certificate = await vault.open(document)
    this.#toldVersion = document.version
    if (!certificate)
      return log.error('The secret of this node does not open the private key of the public certificate.')
    this.#certificate = certificate
    const { source, by } = certificate
    log.decision('certificate', `Version ${document.version} of the certificate (${source}, by ${by}) is shown here.`)
    for (const listener of this.#listeners) {
      try {
        listener(certificate)
      } catch (error) {
        // Another version of the runtime took it.
        log.error('This node cannot show the certificate; it shows the one before.', { error: String(error) })
      }
    }
  }
}
