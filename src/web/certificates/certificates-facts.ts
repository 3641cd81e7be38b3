import type {
  CertificateAnswer,
  CertificateIssueRow,
  CertificateRow,
  NodeCertificateRow,
} from '../../protocol/certificate-answers.ts'

export type Tone = 'good' | 'worry' | 'bad' | 'faint'

export interface Told {
  readonly tone: Tone
  readonly text: string
}

const STAGE_TONES: Readonly<Record<CertificateRow['stage'], Tone>> = {
  good: 'good',
  renew: 'worry',
  soon: 'worry',
  urgent: 'bad',
  ended: 'bad',
}

/** How near the end of a certificate is, in a few words. */
export function endOf({ stage, daysLeft }: Pick<CertificateRow, 'stage' | 'daysLeft'>): Told {
  const tone = STAGE_TONES[stage]
  if (stage === 'ended') return { tone, text: daysLeft === 0 ? 'Ended today' : `Ended ${daysText(-daysLeft)} ago` }
  return { tone, text: daysLeft === 0 ? 'Ends today' : `${daysText(daysLeft)} left` }
}

function daysText(days: number): string {
  return days === 1 ? '1 day' : `${days} days`
}

/** How much of its life is over: 0 to 1. */
export function spentShare({ beginsAt, endsAt }: Pick<CertificateRow, 'beginsAt' | 'endsAt'>, nowMs: number): number {
  if (endsAt <= beginsAt) return 1
  return Math.min(1, Math.max(0, (nowMs - beginsAt) / (endsAt - beginsAt)))
}

/** Where it came from. */
export function sourceText({ source, by }: Pick<CertificateRow, 'source' | 'by'>): string {
  if (source === 'self-signed') return 'Made by the cluster itself: nobody vouches for it'
  return source === 'issued' ? `Issued to the cluster by ${by}` : `Imported by ${by}`
}

/** `CN=R11, O=Let's Encrypt, C=US` becomes `R11, Let's Encrypt`. */
export function nameIn(subject: string): string {
  const parts = subject.split(/, (?=[A-Z]+=)/).map((part) => /^([A-Z]+)=(.*)$/.exec(part))
  const value = (kind: string) => parts.find((part) => part?.[1] === kind)?.[2]
  const found = [value('CN'), value('O')].filter((name) => name !== undefined)
  return found.length === 0 ? subject : [...new Set(found)].join(', ')
}

/** In pairs, as browsers and openssl show it. */
export function fingerprintText(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/../g) ?? []).join(':')
}

/** What a node shows, compared with what all should show. */
export function shownBy(row: NodeCertificateRow, certificate: Pick<CertificateRow, 'fingerprint'> | undefined): Told {
  if (row.tls === undefined) return { tone: 'worry', text: 'Does not answer' }
  if (!row.tls) return { tone: 'faint', text: 'Speaks plain HTTP' }
  if (!certificate) return { tone: 'worry', text: 'Shows one that nobody stored' }
  return row.fingerprint === certificate.fingerprint
    ? { tone: 'good', text: 'Shows this one' }
    : { tone: 'bad', text: 'Shows another one' }
}

/** One sentence on the nodes together. */
export function nodesText({ nodes, certificate }: Pick<CertificateAnswer, 'nodes' | 'certificate'>): Told {
  const told = nodes.map((row) => shownBy(row, certificate))
  const worst = told.find(({ tone }) => tone === 'bad') ?? told.find(({ tone }) => tone === 'worry')
  if (worst) {
    const count = told.filter(({ text }) => text === worst.text).length
    return { tone: worst.tone, text: `${count} of ${nodes.length} ${count === 1 ? one(worst.text) : many(worst.text)}` }
  }
  if (told.some(({ tone }) => tone === 'good')) return { tone: 'good', text: 'All that speak TLS show this one' }
  return { tone: 'faint', text: 'No node speaks TLS' }
}

function one(text: string): string {
  return text.toLowerCase()
}

/** `Shows another one` of several: `show another one`. */
function many(text: string): string {
  return one(text)
    .replace(/^shows/, 'show')
    .replace(/^does/, 'do')
}

const ISSUE_STATES: Readonly<Record<CertificateIssueRow['state'], Told>> = {
  issuing: { tone: 'worry', text: 'Being issued' },
  issued: { tone: 'good', text: 'Renewed by itself' },
  waiting: { tone: 'worry', text: 'About to begin' },
  failed: { tone: 'bad', text: 'Failed; tried again later' },
}

/** How it goes with the authority. A certificate that was imported since is not replaced. */
export function issueTold(
  { state }: Pick<CertificateIssueRow, 'state'>,
  certificate: Pick<CertificateRow, 'source'> | undefined,
): Told {
  if (state === 'issued' && certificate?.source !== 'issued') return { tone: 'faint', text: 'At rest' }
  return ISSUE_STATES[state]
}

const KEY_BLOCK = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----\n?/g

/** Takes private keys out of what was pasted or read, so that they stand in the field that does not show them. */
export function splitPem(text: string): { readonly certificates: string; readonly keys: string } {
  const keys = Array.from(text.matchAll(KEY_BLOCK), ([block]) => block.trim())
  return { certificates: text.replace(KEY_BLOCK, '').trim(), keys: keys.join('\n') }
}

/** How many certificates there are in a PEM text. */
export function certificateCount(pem: string): number {
  return pem.split('-----BEGIN CERTIFICATE-----').length - 1
}

/** `chat.example.com, help.example.com` or a line each. */
export function listedNames(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((name) => name !== ''))]
}
