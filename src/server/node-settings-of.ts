import { PROGRAM_VERSION } from '../config/program-version-node.ts'
import type { Settings } from '../config/settings.ts'
import { NODE_DEFAULTS, type NodeSettings } from './node-settings.ts'
import { rolesOf } from './public-addresses.ts'

/** What a node runs by, as its operator set it. */
export function nodeSettingsOf(
  { limits, transcript, role }: Settings,
  node: string,
  addresses: Pick<NodeSettings, 'relayAddress' | 'httpUrl'>,
): NodeSettings {
  return {
    ...NODE_DEFAULTS,
    ...addresses,
    node,
    roles: rolesOf(role),
    version: PROGRAM_VERSION,
    owner: {
      ...NODE_DEFAULTS.owner,
      textLength: limits.textLength,
      onStoreError: transcript.onStoreError,
      saveNotices: transcript.saveNotices,
    },
    owners: {
      ...NODE_DEFAULTS.owners,
      conversationsMax: limits.conversations,
      resumeAtPercent: limits.resumeAtPercent,
    },
    resendAttempts: transcript.resendAttempts || Number.POSITIVE_INFINITY,
    resendDelayMs: transcript.resendDelayMs,
  }
}
