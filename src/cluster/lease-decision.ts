/**
 * The lease of one incarnation, as its own process sees it.
 *
 *   joining --joined--> held --deadline passes--> mute --renewed--> held
 *                         \                         \
 *                          `------ tombstoned -------`--> lost   (a new incarnation begins again at joining)
 *
 * `mute` serves nothing and publishes nothing, but keeps what it has: nobody may have taken it. `lost` keeps nothing.
 */
export type Lease =
  | { readonly phase: 'joining' }
  | { readonly phase: 'bound'; readonly deadlineMs: number }
  | { readonly phase: 'lost'; readonly reason: string }

interface LeaseTerms {
  readonly leaseMs: number
  readonly marginMs: number
}

/**
 * A renewal that the store took. `sentAtMs` is the monotonic time *before* sending: the store judges by a moment
 * that cannot be earlier, so the deadline here passes before anybody else may act on it.
 */
export function renewed(lease: Lease, sentAtMs: number, terms: LeaseTerms): Lease {
  if (lease.phase === 'lost') return lease
  const deadlineMs = sentAtMs + terms.leaseMs - terms.marginMs
  return lease.phase === 'bound' && lease.deadlineMs > deadlineMs ? lease : { phase: 'bound', deadlineMs }
}

/** Whether this incarnation may serve, acknowledge and publish at `nowMs` (OW3). */
export function leaseHeld(lease: Lease, nowMs: number): boolean {
  return lease.phase === 'bound' && nowMs < lease.deadlineMs
}
