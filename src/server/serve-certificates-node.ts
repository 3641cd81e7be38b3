import { writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../base/log.ts'
import { realClock as clock } from '../base/real-clock-node.ts'
import { factsOf, type KeyedChain, selfSigned } from '../config/certificate-chain-node.ts'
import { CertificateKeeper } from '../config/certificate-keeper.ts'
import { CertificateRenewer } from '../config/certificate-renewer-node.ts'
import { CertificateVault } from '../config/certificate-vault-node.ts'
import type { PrivateKeys } from '../config/private-keys.ts'
import type { Settings } from '../config/settings.ts'
import type { DocumentStore } from '../store/document-store.ts'
import type { CertificateDeskPorts } from './certificate-desk.ts'
import { CERTIFICATE_FILE } from './data-directory-node.ts'
import { publicHosts, speaksTls } from './public-addresses.ts'
import type { ShownCertificate } from './rest-certificates.ts'
import { TlsFront } from './tls-front-node.ts'

/** The public certificate on one node. */
export interface ServedCertificates extends Omit<CertificateDeskPorts, 'clock'> {
  /** Absent where this node speaks plain HTTP. */
  readonly front: TlsFront | undefined
  /** What this node shows to its clients. */
  shown(): ShownCertificate
}

// A node that shows no certificate has no hurry to hear of another one.
const IDLE_ASK_MS = 30_000

/** Finds the cluster's certificate, makes one that nobody vouches for where there is none, and keeps it up to date. */
export async function serveCertificates(ground: {
  readonly settings: Settings
  readonly name: string
  readonly log: Log
  readonly undo: (() => unknown)[]
  readonly documents: DocumentStore
  readonly keys: PrivateKeys
}): Promise<ServedCertificates> {
  const { settings, name: node, log, undo, documents, keys } = ground
  const tls = speaksTls(settings)
  const vault = new CertificateVault({ documents, keys })
  const keeper = new CertificateKeeper({ clock, log, vault, ...(!tls && { askMs: IDLE_ASK_MS }) })
  await keeper.start()
  undo.push(() => keeper.stop())
  const renewer = new CertificateRenewer({ clock, log, documents, keys, node, vault, keeper })
  renewer.start()
  undo.push(() => renewer.stop())
  const front = tls ? new TlsFront(await firstCertificate({ settings, log, vault, keeper })) : undefined
  if (front && settings.publicUrl.startsWith('http:'))
    log.warn(
      'This node speaks HTTPS, but publicUrl sends people to plain HTTP: begin it with https:, or allowPlainHttp.',
    )
  const shownFile = join(settings.dataDir, CERTIFICATE_FILE)
  if (front) await keepShown(shownFile, front.shown, log)
  keeper.onChange((certificate) => {
    front?.show(certificate)
    if (front) void keepShown(shownFile, certificate, log)
  })
  return {
    vault,
    keeper,
    renewer,
    front,
    hosts: () => publicHosts(settings),
    shown() {
      const own = keeper.certificate()?.chain[0]
      return { tls, ...(tls && own !== undefined && { fingerprint: factsOf(own).fingerprint }) }
    },
  }
}

/** The one of the cluster; the first node that speaks TLS makes it, of several first ones the one that was quicker. */
async function firstCertificate({
  settings,
  log,
  vault,
  keeper,
}: {
  settings: Settings
  log: Log
  vault: CertificateVault
  keeper: CertificateKeeper
}): Promise<KeyedChain> {
  const known = keeper.certificate()
  if (known) return known
  const made = await temporaryCertificate(settings)
  try {
    await vault.store({ ...made, source: 'self-signed', by: hostname(), at: clock.wallMs() }, 0)
    await keeper.refresh()
    log.warn('There is no certificate yet: this one signed itself. Import one, or have one issued: `holdfast cert`.')
  } catch (error) {
    log.warn('There is no certificate that this node could show; it made one for itself.', { error: String(error) })
  }
  return keeper.certificate() ?? made
}

/** For commands on this machine, which can trust by it what signed itself. */
async function keepShown(file: string, { chain }: KeyedChain, log: Log): Promise<void> {
  try {
    await writeFile(file, `${chain.map((pem) => pem.trim()).join('\n')}\n`)
  } catch (error) {
    log.warn('What this node shows could not be written down.', { file, error: String(error) })
  }
}

/** For every name by which somebody on the way to a better one may reach this machine. */
function temporaryCertificate(settings: Settings): Promise<KeyedChain> {
  const names = [...publicHosts(settings), hostname().toLowerCase(), 'localhost', '127.0.0.1', '::1']
  return selfSigned([...new Set(names)], clock.wallMs())
}
