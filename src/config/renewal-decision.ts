import { type CertificateFacts, decideExpiry } from './certificate-decision.ts'

/** What an operator asked for: a certificate of an authority, now and whenever the last one nears its end. */
export interface IssueWish {
  /** Where the authority describes itself. */
  readonly directory: string
  /** Whom the authority tells of what concerns the account; empty: nobody. */
  readonly email: string
  readonly names: readonly string[]
  readonly by: string
  /** Milliseconds since 1970 by the clock of the node that was asked. */
  readonly at: number
}

/** How the wish goes. Nodes agree by it who fulfils it. */
export interface IssueProgress {
  /** The node that is at it, until when it may be. */
  readonly attempt?: { readonly node: string; readonly untilMs: number }
  /** In a row. */
  readonly failures: number
  /** Not before. */
  readonly nextAtMs: number
  readonly lastFault?: string
  /** `at` of the wish that was fulfilled last. */
  readonly fulfilled?: number
}

export type RenewalDecision =
  | { readonly act: 'rest'; readonly sentence: string }
  | { readonly act: 'issue'; readonly reason: string }

/** An attempt that takes longer was given up, or its node is dead. */
export const ATTEMPT_MS = 600_000
// Authorities allow five failed attempts for a name in an hour.
const PAUSE_MS_MIN = 900_000
const PAUSE_MS_MAX = 12 * 3_600_000

/** Whether this node should have a certificate issued now. All nodes ask; who stores the attempt first is at it. */
export function decideRenewal(found: {
  readonly wish: IssueWish
  readonly progress: IssueProgress
  /** What the cluster shows at present. */
  readonly certificate: { readonly source: string; readonly facts: CertificateFacts } | undefined
  readonly nowMs: number
}): RenewalDecision {
  const { wish, progress, certificate, nowMs } = found
  const { attempt } = progress
  if (attempt && attempt.untilMs > nowMs) return rest(`${attempt.node} has a certificate issued.`)
  const wanted = progress.fulfilled !== wish.at
  const expiry = certificate && decideExpiry(certificate.facts, nowMs)
  if (!wanted && certificate?.source !== 'issued') return rest('A certificate was imported since; it is not replaced.')
  if (!wanted && expiry?.stage === 'good') return rest(`${expiry.sentence} It is renewed in its last third.`)
  if (progress.nextAtMs > nowMs) {
    const minutes = Math.ceil((progress.nextAtMs - nowMs) / 60_000)
    return rest(`The last attempt failed; the next one is in ${minutes} minutes. ${progress.lastFault ?? ''}`.trim())
  }
  if (wanted) return { act: 'issue', reason: `${wish.by} asked for a certificate for ${wish.names.join(', ')}.` }
  return { act: 'issue', reason: `${expiry?.sentence ?? 'There is no certificate.'} It is renewed.` }
}

/** The progress after an attempt that failed: the next one is later each time. */
export function afterFailure({ attempt, ...progress }: IssueProgress, fault: string, nowMs: number): IssueProgress {
  const failures = progress.failures + 1
  const pauseMs = Math.min(PAUSE_MS_MIN * 2 ** (failures - 1), PAUSE_MS_MAX)
  return { ...progress, failures, nextAtMs: nowMs + pauseMs, lastFault: fault }
}

function rest(sentence: string): RenewalDecision {
  return { act: 'rest', sentence }
}
