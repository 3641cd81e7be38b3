import type { NodeName } from '../base/ids.ts'
import type { OwnerLimits } from './conversation-owner.ts'
import type { OwnersSettings } from './owners.ts'

/** What a node must be told; everything else it learns from the store. */
export interface NodeSettings {
  readonly node: NodeName
  readonly roles: readonly ('chat' | 'edge' | 'backup')[]
  /** Where peers reach this node; asked with each beat, because the port is known only once it listens. */
  readonly relayAddress: () => string
  readonly httpUrl: () => string
  readonly version: string
  readonly owner: OwnerLimits
  readonly owners: OwnersSettings
  /** Appends that were surely not carried out are sent again this often (`transcript.resendAttempts`). */
  readonly resendAttempts: number
  readonly resendDelayMs: number
}

/** Defaults for everything that is a limit; `config/settings.ts` lets an operator change them. */
export const NODE_DEFAULTS = {
  owner: { queued: 512, sliceSubmissions: 64, textLength: 16_384, snapshotEvery: 200, onStoreError: 'wait' },
  owners: { conversationsMax: 10_000, resumeAtPercent: 80, restAfterMs: 30_000 },
  resendAttempts: Number.POSITIVE_INFINITY,
  resendDelayMs: 200,
} as const satisfies Partial<NodeSettings>
