import { chainFacts } from '../config/certificate-chain-node.ts'
import { decideExpiry, judgeCertificate } from '../config/certificate-decision.ts'
import { CERTIFICATE_DOCUMENT, publicPartOf } from '../config/certificate-vault-node.ts'
import { shownCertificate } from '../config/shown-certificate-node.ts'
import type { DocumentStore } from '../store/document-store.ts'

/** What a look at the public certificate found. */
export interface CertificateCheck {
  readonly state: 'ok' | 'failed' | 'unknown'
  readonly found: string
  /** Empty where nothing is to be done. */
  readonly remedy: string
}

const REMEDY = 'Import one by `holdfast cert import`, or have one issued by `holdfast cert issue`.'

/** Whether the certificate of the cluster has the name that people use, is whole, lasts, and is the one that is shown. */
export async function checkPublicCertificate(
  documents: Pick<DocumentStore, 'document'>,
  publicUrl: string | undefined,
  nowMs: number,
): Promise<CertificateCheck> {
  const document = await documents.document(CERTIFICATE_DOCUMENT)
  const secure = publicUrl?.startsWith('https:') === true
  if (!document)
    return secure
      ? { state: 'failed', found: `people come by ${publicUrl}, and there is no certificate`, remedy: REMEDY }
      : { state: 'unknown', found: 'no node spoke TLS to people yet', remedy: '' }
  const facts = chainFacts(publicPartOf(document))
  const hosts = secure ? [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')] : []
  const faults = judgeCertificate(facts, { hosts, nowMs }).map(({ sentence }) => sentence)
  const [own] = facts.chain
  if (!own || faults.length > 0) return { state: 'failed', found: faults.join(' '), remedy: REMEDY }
  const { daysLeft } = decideExpiry(own, nowMs)
  const found = `${own.names.join(', ')}, chain whole, good for ${daysLeft} days`
  if (!secure) return { state: 'ok', found, remedy: '' }
  const shown = await shownAt(publicUrl)
  if (shown === undefined)
    return { state: 'ok', found: `${found}; ${publicUrl} cannot be reached from here`, remedy: '' }
  if (shown === own.fingerprint) return { state: 'ok', found: `${found}, shown at ${publicUrl}`, remedy: '' }
  return {
    state: 'failed',
    found: `${publicUrl} shows another certificate than that of the cluster`,
    remedy:
      'Where a balancer speaks TLS to people, give it this one (`holdfast cert export`); else ask `holdfast cert status` which node is behind.',
  }
}

/** The fingerprint of what an address shows; `undefined`: it does not answer. */
async function shownAt(url: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url)
  return (await shownCertificate(hostname.replace(/^\[|\]$/g, ''), Number(port || 443)))?.fingerprint
}
