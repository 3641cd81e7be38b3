import type { Clock } from '../base/clock.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import {
  chainFacts,
  encryptedKey,
  type KeyedChain,
  readPem,
  readPfxChain,
  tlsRefusal,
} from '../config/certificate-chain-node.ts'
import { decideExpiry, judgeCertificate } from '../config/certificate-decision.ts'
import type { CertificateKeeper } from '../config/certificate-keeper.ts'
import type { CertificateRenewer } from '../config/certificate-renewer-node.ts'
import type { CertificateVault, PublicCertificate } from '../config/certificate-vault-node.ts'
import { writePfx } from '../config/pfx-node.ts'
import { VaultClosed } from '../config/private-keys.ts'
import type {
  CertificateExportAnswer,
  CertificateImportAnswer,
  CertificateIssueAnswer,
  CertificateIssueRow,
  CertificateRow,
} from '../protocol/certificate-answers.ts'
import type {
  CertificateExportBody,
  CertificateImportBody,
  CertificateIssueBody,
} from '../protocol/certificate-schema.ts'

export interface CertificateDeskPorts {
  readonly clock: Clock
  readonly vault: CertificateVault
  readonly keeper: CertificateKeeper
  readonly renewer: CertificateRenewer
  /** The names by which people reach the system. */
  readonly hosts: () => readonly string[]
}

const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory'

/** What operators do with the public certificate. */
export class CertificateDesk {
  readonly #ports: CertificateDeskPorts

  constructor(ports: CertificateDeskPorts) {
    this.#ports = ports
  }

  /** The present certificate; `undefined`: there is none. */
  async row(): Promise<CertificateRow | undefined> {
    await this.#ports.keeper.refresh()
    const certificate = this.#ports.keeper.certificate()
    return certificate && this.#rowOf(certificate)
  }

  async issueRow(): Promise<CertificateIssueRow | undefined> {
    const status = await this.#ports.renewer.status()
    if (!status) return undefined
    const { names, directory, email, state, sentence } = status
    return { names, directory, email, state, sentence }
  }

  async import(body: CertificateImportBody, by: string): Promise<CertificateImportAnswer | Refusal> {
    const read = await readFrom(body)
    if (read.kind === 'unreadable') return refuse('certificate-unfit', { detail: read.sentence })
    const { vault, keeper, clock } = this.#ports
    const unfit = this.#faultsOf(read).filter(({ gravity }) => gravity === 'unfit')
    if (unfit.length > 0)
      return refuse('certificate-unfit', { detail: unfit.map(({ sentence }) => sentence).join(' ') })
    const refusal = tlsRefusal(read)
    if (refusal !== undefined) return refuse('certificate-unfit', { detail: refusal })
    const { chain, key, notes } = read
    const before = (await vault.document())?.version ?? 0
    const stored = { version: before + 1, chain, key, source: 'imported', by, at: clock.wallMs() } as const
    if (body.dryRun) return { stored: false, certificate: this.#rowOf(stored), notes }
    const done = await vault.store(stored, before).catch(closedVault)
    if (typeof done !== 'boolean') return done
    if (!done)
      return refuse('busy', { retryAfterMs: 1000, detail: 'Somebody else stored a certificate at the same moment.' })
    await keeper.refresh()
    return { stored: true, certificate: this.#rowOf(stored), notes }
  }

  /** The private key leaves only for who says so, and never in the clear. */
  async export({ format, privateKey, passphrase }: CertificateExportBody): Promise<CertificateExportAnswer | Refusal> {
    await this.#ports.keeper.refresh()
    const certificate = this.#ports.keeper.certificate()
    if (!certificate) return refuse('no-certificate')
    const chain = certificate.chain.map((pem) => pem.trim()).join('\n')
    if (!privateKey && format === 'pem') return { format, content: `${chain}\n` }
    if (!privateKey)
      return refuse('malformed', { detail: 'A PFX file is for the private key: say privateKey, or take PEM.' })
    if (passphrase === undefined)
      return refuse('malformed', { detail: 'The private key is given only under a passphrase.' })
    if (format === 'pem') return { format, content: `${chain}\n${encryptedKey(certificate.key, passphrase).trim()}\n` }
    return { format, content: (await writePfx(certificate, passphrase)).toString('base64') }
  }

  async issue(body: CertificateIssueBody, by: string): Promise<CertificateIssueAnswer | Refusal> {
    if (!body.agreeTerms)
      return refuse('malformed', { detail: 'An authority issues only to who agrees to its terms: say agreeTerms.' })
    const names = (body.names ?? this.#ports.hosts()).map((name) => name.toLowerCase())
    if (names.length === 0)
      return refuse('malformed', { detail: 'For which name? Give names, or set publicUrl on the nodes.' })
    const wild = names.find((name) => name.includes('*'))
    if (wild !== undefined)
      return refuse('malformed', { detail: `${wild} cannot be proved by HTTP-01: name each host.` })
    const { renewer, clock } = this.#ports
    const directory = body.directory ?? LETS_ENCRYPT
    if (!URL.canParse(directory)) return refuse('malformed', { detail: `${directory} is no address of an authority.` })
    await renewer.wish({ directory, email: body.email ?? '', names, by, at: clock.wallMs() })
    return { sentence: `${new URL(directory).host} is asked for a certificate for ${names.join(', ')}.` }
  }

  #faultsOf(chain: KeyedChain) {
    const want = { hosts: this.#ports.hosts(), nowMs: this.#ports.clock.wallMs() }
    return judgeCertificate(chainFacts(chain), want)
  }

  #rowOf(certificate: PublicCertificate): CertificateRow {
    const { chain } = chainFacts(certificate)
    const [own] = chain
    const { version, source, by, at } = certificate
    const { subject = '', issuer = '', names = [], beginsAtMs = 0, endsAtMs = 0, fingerprint = '' } = own ?? {}
    const { stage, daysLeft } = decideExpiry({ beginsAtMs, endsAtMs }, this.#ports.clock.wallMs())
    return {
      ...{ version, source, by, at, subject, issuer, names },
      ...{ beginsAt: beginsAtMs, endsAt: endsAtMs, daysLeft, stage, fingerprint },
      chain: chain.map((one) => ({
        ...{ subject: one.subject, issuer: one.issuer, endsAt: one.endsAtMs, fingerprint: one.fingerprint },
      })),
      faults: this.#faultsOf(certificate).map(({ sentence }) => sentence),
    }
  }
}

function closedVault(error: unknown): Refusal {
  if (error instanceof VaultClosed) return refuse('secrets-sealed', { detail: error.message })
  throw error
}

async function readFrom({ pem, key, pfx, passphrase }: CertificateImportBody) {
  if (pfx !== undefined) return readPfxChain(Buffer.from(pfx, 'base64'), passphrase)
  return readPem([pem, key].filter((text) => text !== undefined).join('\n'), passphrase)
}
