import { silentLog } from '../base/log.ts'
import { realClock as clock } from '../base/real-clock-node.ts'
import { AUTHORITY_DOCUMENT, createOrLoadAuthority } from '../config/cluster-authority-node.ts'
import { privateKeysOf } from '../config/private-keys.ts'
import type { StaffClaims } from '../protocol/tokens.ts'
import { SigningKeys } from '../server/signing-keys-node.ts'
import { PostgresStore } from '../store/postgres-store.ts'

const LIFETIME_MS = 60 * 60_000
const CLAIMS: StaffClaims = {
  kind: 'staff',
  subject: 'recovery',
  name: 'Recovery',
  role: 'supervisor',
  scopes: ['tokens', 'audit', 'admin'],
}

export interface RecoveryOptions {
  readonly database: string
  readonly secret: string
  /** As the nodes have it; empty where they have none. */
  readonly publicUrl: string
  /** Names the master key, where the cluster has one. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * A token of an administrator for whoever knows the cluster's secret, when nobody can sign in any more. It is signed here,
 * as any node would: no node needs to be asked.
 */
export async function recoveryToken({ database, secret, publicUrl, env }: RecoveryOptions): Promise<string> {
  const store = new PostgresStore({ url: database, log: silentLog, applicationName: 'holdfast token' })
  try {
    // Looked for first: an authority is made where there is none, and that is no business of a recovery.
    if (!(await store.document(AUTHORITY_DOCUMENT))) throw new Error('This database belongs to no cluster yet.')
    const keys = await privateKeysOf({ documents: store, secret, env, clock, log: silentLog })
    const authority = await createOrLoadAuthority({ documents: store, keys })
    if (authority.kind === 'wrong-secret') throw new Error(authority.reason)
    const tokens = new SigningKeys({
      documents: store,
      keys,
      publicUrl: publicUrl || authority.cluster,
      clock,
      log: silentLog,
    })
    await tokens.start()
    tokens.stop()
    return tokens.issue(CLAIMS, LIFETIME_MS)
  } finally {
    await store.close()
  }
}
